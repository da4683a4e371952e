import { z } from "zod";
import { bookId, chapterId } from "../../domain/ids.ts";
import { bookStatus, channel } from "../../domain/library/events.ts";

/** A book in a list. `words` is null if unknown, `edition` is null while the library has no text of it. */
export const listedBook = z.strictObject({
  bookId,
  title: z.string(),
  author: z.string(),
  coverUrl: z.string().nullable(),
  channel,
  category: z.string(),
  categoryId: z.string(),
  subCategory: z.string().nullable(),
  status: bookStatus,
  chapters: z.int(),
  words: z.int().nullable(),
  edition: z.int().nullable(),
  cataloguedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** A book in full. Withdrawn books are in no list but can be read by id. */
export const book = z.strictObject({
  ...listedBook.shape,
  intro: z.string(),
  subCategoryId: z.string().nullable(),
  publishedAt: z.iso.datetime().nullable(),
  withdrawn: z.boolean(),
  latestChapter: z.strictObject({ chapterId, no: z.int(), title: z.string() }).nullable(),
});
