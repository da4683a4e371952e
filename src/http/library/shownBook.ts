import { z } from "zod";
import { bookId, chapterId } from "../../domain/ids.ts";
import { bookStatus, channel } from "../../domain/library/events.ts";
import type { BookDetail } from "../../queries/library/bookDetail.ts";
import type { ListedBook } from "../../queries/library/newestBooks.ts";

/** A book in a list. `words` is null when nobody has counted them, `edition` while the library has no text of it. */
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

/** A book in full. A withdrawn one is in no list, and still found by its id. */
export const book = z.strictObject({
  ...listedBook.shape,
  intro: z.string(),
  subCategoryId: z.string().nullable(),
  publishedAt: z.iso.datetime().nullable(),
  withdrawn: z.boolean(),
  latestChapter: z.strictObject({ chapterId, no: z.int(), title: z.string() }).nullable(),
});

export function shownListed(row: ListedBook): z.input<typeof listedBook> {
  return {
    bookId: row.bookId,
    title: row.title,
    author: row.author,
    coverUrl: row.coverUrl,
    channel: row.channel as z.input<typeof listedBook>["channel"],
    category: row.category,
    categoryId: row.categoryId,
    subCategory: row.subCategory,
    status: row.status as z.input<typeof listedBook>["status"],
    chapters: row.chapters,
    // The characters of one book: millions, far below what a Number holds.
    words: row.words === null ? null : Number(row.words),
    edition: row.edition,
    cataloguedAt: row.cataloguedAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function shownBook(row: BookDetail): z.input<typeof book> {
  const { latestChapterId: chapterId, latestChapterNo: no, latestChapterTitle: title } = row;
  return {
    ...shownListed(row),
    intro: row.intro,
    subCategoryId: row.subCategoryId,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    withdrawn: row.withdrawn,
    latestChapter: chapterId === null || no === null || title === null ? null : { chapterId, no, title },
  };
}
