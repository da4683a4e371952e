import { z } from "zod";
import { areDistinct, someText, text } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { chapterId } from "../ids.ts";
import * as limits from "./limits.ts";
import { changedRanges } from "./ranges.ts";

const { maxLengths, maxStored } = limits;

const count = z.int().nonnegative();
const edition = z.int().positive().max(limits.maxEdition);
const length = count.max(limits.maxChapterLength);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The target audience of a book, the progress of its author, and the kind of a chapter. */
export const channel = z.enum(["male", "female", "published"]);
export const bookStatus = z.enum(["serialising", "finished"]);
export const chapterKind = z.enum(["preface", "chapter", "afterword"]);

const bookCatalogued = z.strictObject({
  /** Where the book comes from and its id there; `bookId` is a hash of both. */
  source: z.strictObject({ name: someText(maxLengths.sourceId), id: someText(maxStored.sourceId) }),
  title: someText(maxLengths.title),
  author: someText(maxLengths.author),
  intro: text(maxLengths.intro),
  channel,
  category: someText(maxLengths.category),
  subCategory: someText(maxLengths.category).nullable(),
  status: bookStatus,
  /** As stated by the source, or null. Once chapters are published, their word counts replace it. */
  words: count.nullable(),
  /** An external picture, or one in content/ by the SHA-256 of its bytes. */
  cover: z.union([z.strictObject({ url: z.url().max(maxStored.coverUrl) }), z.strictObject({ sha256 })]).nullable(),
});

/** A chapter of an edition. `length`: UTF-16 units of its text with LF line ends; `words`: characters without white space. */
const chapter = z.strictObject({
  chapterId,
  no: z.int().positive().max(limits.maxChapters),
  title: someText(maxLengths.heading),
  volume: text(maxStored.volume).nullable(),
  kind: chapterKind,
  sha256,
  length,
  words: length,
});

const totals = z.strictObject({
  chapters: count.max(limits.maxChapters),
  words: count.max(limits.maxChapters * limits.maxChapterLength),
});

const chaptersPublished = z.strictObject({
  edition,
  /** SHA-256 of the headings and texts of the whole edition: distinguishes a repeated import from a new edition. */
  digest: sha256,
  /** Only those that differ from the published chapter with the same number. */
  chapters: z
    .array(chapter)
    .min(1)
    .max(limits.maxChaptersPerEvent)
    .refine((chapters) => areDistinct(chapters.map(({ no }) => no)), "must not have a number twice"),
  /** Totals of all chapters published for this edition up to and including this event. */
  totals,
});

const bookPublished = z
  .strictObject({
    edition,
    digest: sha256,
    /** Totals of the whole edition. */
    totals,
    /** The edition that was published before; 0 if none. */
    replaces: count,
    /** The number of chapters of that edition: those beyond the new total are removed. Null in events without this number. */
    chaptersBefore: count.max(limits.maxChapters).nullable(),
    /** The numbers of the chapters that this edition changed, in order. */
    changed: changedRanges,
  })
  .refine(({ edition, replaces }) => replaces < edition, { path: ["replaces"], message: "must be an older edition" })
  .refine(({ edition, replaces }) => edition - replaces <= limits.maxUnfinishedEditions, {
    path: ["edition"],
    message: `must be at most ${limits.maxUnfinishedEditions} after the one it replaces`,
  })
  .refine(({ totals, changed }) => (changed.at(-1)?.to ?? 0) <= totals.chapters, {
    path: ["changed"],
    message: "must end within the edition",
  });

/** Events of a book of the library (`book-<bookId>`). Texts and covers are stored in content/ by SHA-256. */
export const libraryEvents = {
  BookCatalogued: { version: 2, schema: bookCatalogued, upcasters: { 1: withCoverAndWords } },
  ChaptersPublished: { version: 1, schema: chaptersPublished },
  BookPublished: { version: 3, schema: bookPublished, upcasters: { 1: withChanges, 2: withChaptersBefore } },
  BookWithdrawn: { version: 1, schema: z.strictObject({ reason: z.string().max(200) }) },
  BookRestored: { version: 1, schema: z.strictObject({}) },
} as const satisfies EventDefinitions;

/** Version 1 had no sub-categories and no stated word count, and covers only as URLs. */
function withCoverAndWords(data: unknown): unknown {
  const { coverUrl, ...rest } = data as { coverUrl: string | null };
  return { ...rest, subCategory: null, words: null, cover: coverUrl === null ? null : { url: coverUrl } };
}

/** In version 1 every edition published all its chapters. */
function withChanges(data: unknown): unknown {
  const published = data as { totals: { chapters: number } };
  const changed = published.totals.chapters === 0 ? [] : [{ from: 1, to: published.totals.chapters }];
  return { ...published, replaces: 0, changed };
}

/** Version 2 did not say how many chapters the edition before had. */
function withChaptersBefore(data: unknown): unknown {
  return { ...(data as object), chaptersBefore: null };
}

export type LibraryEvent = EventOf<typeof libraryEvents>;
export type CataloguedBook = z.output<typeof bookCatalogued>;
export type PublishedChapter = z.output<typeof chapter>;
export type NumberRange = z.output<typeof bookPublished>["changed"][number];
