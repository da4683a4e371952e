import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { chapterId } from "../ids.ts";

/** The most chapters that one `ChaptersPublished` carries: some 150 KB, far below the 1 MiB of one append. */
export const maxChaptersPerEvent = 500;

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const bookCatalogued = z.strictObject({
  /** Where the book comes from and its id there: what its bookId is a hash of. */
  source: z.strictObject({ name: z.string().min(1), id: z.string().min(1) }),
  title: z.string().min(1),
  author: z.string().min(1),
  intro: z.string(),
  channel: z.enum(["male", "female", "published"]),
  category: z.string().min(1),
  status: z.enum(["serialising", "finished"]),
  coverUrl: z.url().nullable(),
});

/** A chapter in an edition: `length` in UTF-16 units of its text with LF ends, `words` without white space. */
const chapter = z.strictObject({
  chapterId,
  no: z.int().positive(),
  title: z.string().min(1),
  volume: z.string().nullable(),
  kind: z.enum(["preface", "chapter", "afterword"]),
  sha256,
  length: count,
  words: count,
});

const chaptersPublished = z.strictObject({
  edition: z.int().positive(),
  /** SHA-256 over the headings and texts of the whole edition: what tells a repeated import from a new edition. */
  digest: sha256,
  chapters: z.array(chapter).min(1).max(maxChaptersPerEvent),
  /** The edition's totals up to and including this event. */
  totals: z.strictObject({ chapters: count, words: count }),
});

const bookPublished = z.strictObject({
  edition: z.int().positive(),
  digest: sha256,
  totals: z.strictObject({ chapters: count, words: count }),
});

/** What can happen to a book of the library (`book-<bookId>`). Texts lie in content/, by their SHA-256. */
export const libraryEvents = {
  BookCatalogued: { version: 1, schema: bookCatalogued },
  ChaptersPublished: { version: 1, schema: chaptersPublished },
  BookPublished: { version: 1, schema: bookPublished },
} as const satisfies EventDefinitions;

export type LibraryEvent = EventOf<typeof libraryEvents>;
export type CataloguedBook = z.output<typeof bookCatalogued>;
export type PublishedChapter = z.output<typeof chapter>;
