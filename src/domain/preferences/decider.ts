import { isDeepStrictEqual } from "node:util";
import type { Decider } from "../decider.ts";
import { defaultPreferences, defaultSettings } from "./defaults.ts";
import type { Chosen, Preferences, PreferencesEvent, Settings } from "./events.ts";
import { preferencesSnapshot } from "./snapshot.ts";

type Some<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined };

/** `isPast`: an import brings them; they change nothing once the reader has chosen or adjusted any of the kind. */
type Past = { readonly isPast?: true | undefined };

/** Omitted fields stay unchanged, so that two devices do not overwrite each other's changes. */
export type PreferencesCommand =
  | ({ readonly type: "ChoosePreferences" } & Past & Some<Preferences>)
  | ({ readonly type: "AdjustSettings" } & Past & Some<Settings>);

/** The rules of a reader's preferences and settings: the last write wins. */
export const preferencesDecider: Decider<Chosen, PreferencesCommand, PreferencesEvent> = {
  initialState: { preferences: defaultPreferences, settings: defaultSettings, isChosen: false, isAdjusted: false },
  snapshot: preferencesSnapshot,

  evolve(chosen, event) {
    switch (event.type) {
      case "ReadingPreferenceChosen":
        return { ...chosen, preferences: event.data, isChosen: true };
      case "ReaderSettingsAdjusted":
        return { ...chosen, settings: event.data, isAdjusted: true };
    }
  },

  decide(command, chosen) {
    const { type, isPast, ...named } = command;
    if (isPast && (type === "ChoosePreferences" ? chosen.isChosen : chosen.isAdjusted)) return [];
    const before = type === "ChoosePreferences" ? chosen.preferences : chosen.settings;
    const given = Object.entries(named).filter(([, value]) => value !== undefined);
    const after = { ...before, ...Object.fromEntries(given) };
    if (isDeepStrictEqual(after, before)) return [];
    return type === "ChoosePreferences"
      ? [{ type: "ReadingPreferenceChosen", data: after as Preferences }]
      : [{ type: "ReaderSettingsAdjusted", data: after as Settings }];
  },
};
