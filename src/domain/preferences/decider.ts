import { isDeepStrictEqual } from "node:util";
import type { Decider } from "../decider.ts";
import { defaultPreferences, defaultSettings } from "./defaults.ts";
import type { Chosen, Preferences, PreferencesEvent, Settings } from "./events.ts";
import { preferencesSnapshot } from "./snapshot.ts";

type Some<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined };

/** Omitted fields stay unchanged, so that two devices do not overwrite each other's changes. */
export type PreferencesCommand =
  | ({ readonly type: "ChoosePreferences" } & Some<Preferences>)
  | ({ readonly type: "AdjustSettings" } & Some<Settings>);

/** The rules of a reader's preferences and settings: the last write wins. */
export const preferencesDecider: Decider<Chosen, PreferencesCommand, PreferencesEvent> = {
  initialState: { preferences: defaultPreferences, settings: defaultSettings },
  snapshot: preferencesSnapshot,

  evolve(chosen, event) {
    switch (event.type) {
      case "ReadingPreferenceChosen":
        return { ...chosen, preferences: event.data };
      case "ReaderSettingsAdjusted":
        return { ...chosen, settings: event.data };
    }
  },

  decide(command, chosen) {
    const { type, ...named } = command;
    const before = type === "ChoosePreferences" ? chosen.preferences : chosen.settings;
    const given = Object.entries(named).filter(([, value]) => value !== undefined);
    const after = { ...before, ...Object.fromEntries(given) };
    if (isDeepStrictEqual(after, before)) return [];
    return type === "ChoosePreferences"
      ? [{ type: "ReadingPreferenceChosen", data: after as Preferences }]
      : [{ type: "ReaderSettingsAdjusted", data: after as Settings }];
  },
};
