import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import type { CourseBook } from "../../queries/course/books.ts";
import { bookIdOf } from "../../queries/course/ids.ts";
import { bookDetail } from "../../queries/library/bookDetail.ts";
import type { book } from "../library/shownBook.ts";
import { RequestProblem } from "../problems.ts";

/** A book in a list of the course; `state` is 1 for serialising and 2 for finished. */
export const listedBook = z.strictObject({
  id: z.string(),
  title: z.string(),
  introduction: z.string(),
  author: z.string(),
  state: z.literal([1, 2]),
  category_id: z.string(),
  category_name: z.string(),
  imgURL: z.string(),
});

/** The course's numbers for a book's status. */
const states = { serialising: 1, finished: 2 } as const;

/** A book in a list, for a client that reached us at `origin`. */
export function shownBook(book: CourseBook, origin: string): z.input<typeof listedBook> {
  const { id, title, introduction, author, status, categoryId, categoryName, coverUrl } = book;
  return {
    id,
    title,
    introduction,
    author,
    state: states[status as keyof typeof states],
    category_id: categoryId,
    category_name: categoryName,
    imgURL: imageUrl(coverUrl, origin),
  };
}

/** The absolute URL of a picture, as mini-programs need it; empty if there is none. */
export function imageUrl(url: string | null, origin: string): string {
  if (url === null) return "";
  return url.startsWith("/") ? origin + url : url;
}

/** The book with an id from a front end. Rejects with RequestProblem `book_not_found`. */
export async function namedBook(pool: Pool, named: string): Promise<z.output<typeof book>> {
  const bookId = await bookIdOf(pool, named);
  const found = bookId && (await bookDetail(pool, bookId));
  if (!found) throw new RequestProblem("book_not_found", "The library has no such book.");
  return JSON.parse(found);
}
