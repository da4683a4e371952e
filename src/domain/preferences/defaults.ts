import type { Preferences, Settings } from "./events.ts";

/** What holds for a reader who has chosen nothing. */
export const defaultPreferences: Preferences = { channel: null, categoryIds: [], progressPolicy: "ask" };

/** What holds for a reader who has adjusted nothing. */
export const defaultSettings: Settings = {
  brightness: 30,
  fontSize: 14,
  background: "B1",
  pageTurn: "T1",
  lineSpacing: 150,
};
