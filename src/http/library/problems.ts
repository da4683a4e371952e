import type { NoChapter } from "../../queries/library/chapterOfBook.ts";
import { RequestProblem } from "../problems.ts";

/** The problem of a book that the library does not have. */
export const bookNotFound = (id: string): RequestProblem =>
  new RequestProblem("book_not_found", `The library has no book ${id}.`);

/** The problem of a chapter of this book that cannot be shown. */
export function missingChapter(missing: NoChapter, id: string): RequestProblem {
  switch (missing) {
    case "no such book":
      return bookNotFound(id);
    case "no such chapter":
      return new RequestProblem("chapter_not_found", `Book ${id} has no such chapter.`);
    case "withdrawn":
      return new RequestProblem("book_withdrawn", `Book ${id} was withdrawn; its chapters cannot be read.`);
  }
}
