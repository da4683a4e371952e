import type { PublishedChapters } from "../commands/library/publishedChapters.ts";
import { type ImportDeps, importBook } from "../library-import/importBook.ts";
import { type CourseBook, chaptersOf } from "./books.ts";
import type { Ledger } from "./ledger.ts";
import type { Course } from "./readCourse.ts";

export type WriteBookDeps = ImportDeps & { readonly publishedChapters: PublishedChapters };

/**
 * Imports a book with its chapters, and stores which of our chapters each became. Resolves with whether anything was written; a
 * book without chapters in the files keeps its existing ones.
 */
export async function writeBook(
  deps: WriteBookDeps,
  ledger: Ledger,
  course: Course,
  { id, parsed }: CourseBook,
): Promise<boolean> {
  const listed = course.chapters.get(id) ?? [];
  const chapters = await chaptersOf(listed, course.volumes.get(id), (chapterId) => course.textOf(id, chapterId));
  const { bookId, events } = await importBook(deps, { ...parsed, chapters });
  // An edition keeps earlier chapter ids, which only the book's stream has.
  const published = listed.length === 0 ? [] : await deps.publishedChapters(bookId);
  const imported = listed.flatMap((chapter, index) => {
    const { chapterId, length } = published[index] ?? {};
    return chapterId === undefined || length === undefined ? [] : { courseId: chapter.id, chapterId, length };
  });
  await ledger.saveBook(id, bookId, imported);
  return events.length > 0;
}
