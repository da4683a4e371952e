import type { Preferences, Settings } from "./events.ts";

/** The preferences of a reader who has never changed them. */
export const defaultPreferences: Preferences = { channel: null, categoryIds: [], progressPolicy: "ask" };

/** The settings of a reader who has never changed them. */
export const defaultSettings: Settings = {
  brightness: 30,
  fontSize: 14,
  background: "B1",
  pageTurn: "T1",
  lineSpacing: 150,
};
