import { z } from "zod";
import { areDistinct } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { categoryId } from "../ids.ts";
import { channel } from "../library/events.ts";

/** The maximum number of categories that a reader may choose. */
export const maxChosenCategories = 50;

/** A reader's preferences. */
export const preferences = z.strictObject({
  /** Null: any. */
  channel: channel.nullable(),
  /** Ids of categories and sub-categories, in the reader's order. Ids that the library does not have are kept. */
  categoryIds: z.array(categoryId).max(maxChosenCategories).refine(areDistinct, "must not name a category twice"),
  /** The place at which a book opens when devices differ: the most recent, the furthest in the book, or ask the reader. */
  progressPolicy: z.enum(["latest", "furthest", "ask"]),
});

/** Display settings of a book's pages. */
export const settings = z.strictObject({
  /** Percent. */
  brightness: z.int().min(10).max(100),
  /** Logical pixels. */
  fontSize: z.int().min(8).max(48),
  background: z.enum(["B1", "B2", "B3", "B4", "B5", "B6"]),
  /** T1 turns pages like paper, T2 slides them, T3 shows them at once. */
  pageTurn: z.enum(["T1", "T2", "T3"]),
  /** Percent of the font size. */
  lineSpacing: z.int().min(100).max(300),
});

/** Events of a reader's preferences and settings (`preferences-<readerId>`). Each event contains all fields. */
export const preferencesEvents = {
  ReadingPreferenceChosen: { version: 1, schema: preferences },
  ReaderSettingsAdjusted: { version: 1, schema: settings },
} as const satisfies EventDefinitions;

export type PreferencesEvent = EventOf<typeof preferencesEvents>;
export type Preferences = Readonly<z.output<typeof preferences>>;
export type Settings = Readonly<z.output<typeof settings>>;
/** The choices of a reader. `isChosen` and `isAdjusted`: the reader has chosen preferences, has adjusted settings. */
export type Chosen = {
  readonly preferences: Preferences;
  readonly settings: Settings;
  readonly isChosen: boolean;
  readonly isAdjusted: boolean;
};
