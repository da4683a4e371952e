import { readTexts } from "../content/readTexts.ts";
import type { PublishedChapter } from "../domain/library/events.ts";
import { accountOfTexts } from "../library-import/accountOfTexts.ts";
import { whileEditionsChange } from "../library-import/editionChanges.ts";
import { type ImportDependencies, importBook } from "../library-import/importBook.ts";
import { NeedsDecision, refuseLoss } from "../library-import/needsDecision.ts";
import type { ParsedChapter } from "../library-import/parsedBook.ts";
import type { Pool } from "../platform/postgres.ts";
import { type CourseBook, chapterText, parsedChapter } from "./books.ts";
import type { Ledger } from "./ledger.ts";
import type { Course } from "./readCourse.ts";
import { UnusableRow } from "./values.ts";

export type WriteBookDependencies = ImportDependencies & {
  readonly pool: Pool;
  readonly ledger: Ledger;
};

/**
 * Imports a book with its chapters, and stores which of our chapters each became. Resolves with whether anything was written. A
 * book without chapters in the files keeps its existing ones, and a published chapter what the files do not tell of it. Rejects with
 * NeedsDecision, unless `replace`, if most chapters would be replaced, the files have fewer than the book, or much text is not kept, with UnusableRow, or
 * as `importBook` does.
 */
export function writeBook(
  deps: WriteBookDependencies,
  course: Course,
  book: CourseBook,
  replace: boolean,
): Promise<boolean> {
  return whileEditionsChange(book.bookId, () => writeOnce(deps, course, book, replace));
}

async function writeOnce(
  deps: WriteBookDependencies,
  course: Course,
  { id, bookId, parsed }: CourseBook,
  replace: boolean,
): Promise<boolean> {
  const listed = course.chapters.get(id) ?? [];
  const none = { edition: 0, chapters: [] };
  const { edition, chapters: before } = listed.length === 0 ? none : await deps.publishedChapters(bookId);
  if (!replace && listed.length > 0 && listed.length < before.length) {
    const message = `The files have only ${listed.length} of the ${before.length} chapters of book ${bookId}.`;
    throw new NeedsDecision(message, "--replace");
  }
  const { chapters, hidden } = await chaptersOf(deps, course, { id, bookId }, before);
  const counted = chapters.map((chapter, index) => ({ ...chapter, hidden: hidden.get(listed[index]!.id) ?? 0 }));
  const account = chapters.length === 0 ? undefined : accountOfTexts(counted, "the course's chapters");
  if (!replace) refuseLoss(account ?? null, "--replace");
  const { events } = await importBook(
    deps,
    { ...parsed, account, chapters },
    {
      bookId,
      replace,
      force: true,
      after: edition,
    },
  );
  // An edition keeps earlier chapter ids, which only the book's stream has.
  const published =
    listed.length === 0 || events.length === 0 ? before : (await deps.publishedChapters(bookId)).chapters;
  const imported = listed.flatMap((chapter, index) => {
    const { chapterId, length } = published[index] ?? {};
    return chapterId === undefined || length === undefined ? [] : { courseId: chapter.id, chapterId, length };
  });
  await deps.ledger.saveBook(id, bookId, imported);
  return events.length > 0;
}

/**
 * The chapters in the files, in order, and by the course's id how many letters of a text were left out. What the files do not tell of one
 * that is published stays as it is.
 */
async function chaptersOf(
  { pool, ledger }: WriteBookDependencies,
  course: Course,
  { id, bookId }: Pick<CourseBook, "id" | "bookId">,
  before: readonly PublishedChapter[],
): Promise<{ readonly chapters: readonly ParsedChapter[]; readonly hidden: ReadonlyMap<number, number> }> {
  const listed = course.chapters.get(id) ?? [];
  const published = before.length === 0 ? undefined : await publishedByCourseId(ledger, bookId, before);
  const texts = new Map<number, string>();
  const hidden = new Map<number, number>();
  for (const chapter of listed) {
    const content = await course.textOf(id, chapter.id);
    if (content === undefined) continue;
    const read = chapterText(content);
    texts.set(chapter.id, read.text);
    hidden.set(chapter.id, read.hidden);
  }
  const missing = listed.flatMap((chapter) => {
    const sha256 = texts.has(chapter.id) ? undefined : published?.get(chapter.id)?.sha256;
    return sha256 === undefined ? [] : { courseId: chapter.id, sha256 };
  });
  const kept = await publishedTexts(pool, missing);
  const chapters = listed.map((chapter, index) => {
    const text = texts.get(chapter.id) ?? kept.get(chapter.id) ?? "";
    return parsedChapter(chapter, course.volumes.get(id), index + 1, text, published?.get(chapter.id));
  });
  return { chapters, hidden };
}

/** Returns the published chapters that came from the course. */
async function publishedByCourseId(
  ledger: Ledger,
  bookId: string,
  published: readonly PublishedChapter[],
): Promise<ReadonlyMap<number, PublishedChapter>> {
  const byId = new Map(published.map((chapter) => [chapter.chapterId, chapter]));
  const chapterIds = await ledger.chapterIds(bookId);
  return new Map(
    [...chapterIds].flatMap(([courseId, chapterId]) => {
      const chapter = byId.get(chapterId);
      return chapter === undefined ? [] : [[courseId, chapter] as const];
    }),
  );
}

/** The texts of these published chapters, by the course's id. Rejects with UnusableRow if one is lost. */
async function publishedTexts(
  pool: Pool,
  wanted: readonly { readonly courseId: number; readonly sha256: string }[],
): Promise<ReadonlyMap<number, string>> {
  if (wanted.length === 0) return new Map();
  const texts = await readTexts(
    pool,
    wanted.map(({ sha256 }) => sha256),
  );
  return new Map(
    wanted.map(({ courseId, sha256 }) => {
      const text = texts.get(sha256);
      if (text === undefined)
        throw new UnusableRow(`lacks the text of chapter ${courseId} in the files and in content`);
      return [courseId, text] as const;
    }),
  );
}
