import { z } from "zod";
import { areDistinct } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { categoryId } from "../ids.ts";
import { channel } from "../library/events.ts";

/** The most categories that a reader may choose. */
export const maxChosenCategories = 50;

/** What a reader likes to read. */
export const preferences = z.strictObject({
  /** Null: any. */
  channel: channel.nullable(),
  /** Of categories and sub-categories, in the order of the reader; those that the library does not have are kept too. */
  categoryIds: z.array(categoryId).max(maxChosenCategories).refine(areDistinct, "must not name a category twice"),
  /** Which place a book is opened at when devices differ: the newest, the one furthest in the book, or the reader is asked. */
  progressPolicy: z.enum(["latest", "furthest", "ask"]),
});

/** How the pages of a book look. */
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

/** What a reader chooses (`preferences-<readerId>`); each event has the whole of it. */
export const preferencesEvents = {
  ReadingPreferenceChosen: { version: 1, schema: preferences },
  ReaderSettingsAdjusted: { version: 1, schema: settings },
} as const satisfies EventDefinitions;

export type PreferencesEvent = EventOf<typeof preferencesEvents>;
export type Preferences = Readonly<z.output<typeof preferences>>;
export type Settings = Readonly<z.output<typeof settings>>;
