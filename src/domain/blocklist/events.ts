import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { keyword } from "../keywords/events.ts";

/** The maximum number of blocked keywords. */
export const maxBlocked = 1_000;

/** Events of the keywords that operators exclude from the hot searches (`blocklist-keywords`). */
export const blocklistEvents = {
  KeywordBlocked: { version: 1, schema: z.strictObject({ keyword }) },
  KeywordUnblocked: { version: 1, schema: z.strictObject({ keyword }) },
} as const satisfies EventDefinitions;

export type BlocklistEvent = EventOf<typeof blocklistEvents>;
