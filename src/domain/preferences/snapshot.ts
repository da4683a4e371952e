import { z } from "zod";
import type { StateCodec } from "../decider.ts";
import { type Chosen, preferences, settings } from "./events.ts";

const stored = z.strictObject({ preferences, settings, isChosen: z.boolean(), isAdjusted: z.boolean() });

/** Preferences and settings as JSON. Raise the version whenever the state, or how events are folded into it, changes. */
export const preferencesSnapshot: StateCodec<Chosen> = {
  version: 1,
  encode: (chosen): z.input<typeof stored> => ({
    preferences: { ...chosen.preferences, categoryIds: [...chosen.preferences.categoryIds] },
    settings: chosen.settings,
    isChosen: chosen.isChosen,
    isAdjusted: chosen.isAdjusted,
  }),
  decode: (json) => stored.parse(json),
};
