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

/** What a book is for, how far its author is, and what a chapter is in it. */
export const channel = z.enum(["male", "female", "published"]);
export const bookStatus = z.enum(["serialising", "finished"]);
export const chapterKind = z.enum(["preface", "chapter", "afterword"]);

const bookCatalogued = z.strictObject({
  /** Where the book comes from and its id there: what its bookId is a hash of. */
  source: z.strictObject({ name: someText(maxLengths.sourceId), id: someText(maxStored.sourceId) }),
  title: someText(maxLengths.title),
  author: someText(maxLengths.author),
  intro: text(maxLengths.intro),
  channel,
  category: someText(maxLengths.category),
  subCategory: someText(maxLengths.category).nullable(),
  status: bookStatus,
  /** What the source says; null when it does not. Once chapters are published, theirs count. */
  words: count.nullable(),
  /** A picture elsewhere, or one of ours in content/ by the SHA-256 of its bytes. */
  cover: z.union([z.strictObject({ url: z.url().max(maxStored.coverUrl) }), z.strictObject({ sha256 })]).nullable(),
});

/** A chapter in an edition: `length` in UTF-16 units of its text with LF ends, `words` without white space. */
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
  /** SHA-256 over the headings and texts of the whole edition: what tells a repeated import from a new edition. */
  digest: sha256,
  /** Only those that differ from the chapter that readers see under the same number. */
  chapters: z
    .array(chapter)
    .min(1)
    .max(limits.maxChaptersPerEvent)
    .refine((chapters) => areDistinct(chapters.map(({ no }) => no)), "must not have a number twice"),
  /** Of all chapters that were published for this edition up to and including this event. */
  totals,
});

const bookPublished = z
  .strictObject({
    edition,
    digest: sha256,
    /** Of the whole edition. */
    totals,
    /** The edition that readers saw before; 0 when there was none. */
    replaces: count,
    /** The numbers of the chapters that were published for this edition, in order; the others are as before. */
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

/** What can happen to a book of the library (`book-<bookId>`). Texts and covers lie in content/, by their SHA-256. */
export const libraryEvents = {
  BookCatalogued: { version: 2, schema: bookCatalogued, upcasters: { 1: withCoverAndWords } },
  ChaptersPublished: { version: 1, schema: chaptersPublished },
  BookPublished: { version: 2, schema: bookPublished, upcasters: { 1: withChanges } },
  BookWithdrawn: { version: 1, schema: z.strictObject({ reason: z.string().max(200) }) },
  BookRestored: { version: 1, schema: z.strictObject({}) },
} as const satisfies EventDefinitions;

/** Version 1 knew no sub-categories and no stated words, and a cover's URL only. */
function withCoverAndWords(data: unknown): unknown {
  const { coverUrl, ...rest } = data as { coverUrl: string | null };
  return { ...rest, subCategory: null, words: null, cover: coverUrl === null ? null : { url: coverUrl } };
}

/** Version 1 published every chapter of an edition anew. */
function withChanges(data: unknown): unknown {
  const published = data as { totals: { chapters: number } };
  const changed = published.totals.chapters === 0 ? [] : [{ from: 1, to: published.totals.chapters }];
  return { ...published, replaces: 0, changed };
}

export type LibraryEvent = EventOf<typeof libraryEvents>;
export type CataloguedBook = z.output<typeof bookCatalogued>;
export type PublishedChapter = z.output<typeof chapter>;
export type NumberRange = z.output<typeof bookPublished>["changed"][number];
