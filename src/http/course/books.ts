import { z } from "zod";
import { type OpenBookDependencies, openBook } from "../../commands/history/openBook.ts";
import type { OpenChapterDependencies } from "../../commands/reading/openChapter.ts";
import type { Pool } from "../../platform/postgres.ts";
import { chapterIdOf } from "../../queries/course/ids.ts";
import { catalogue } from "../../queries/library/catalogue.ts";
import { chapterOfBook } from "../../queries/library/chapterOfBook.ts";
import type { Endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { courseContext, type courseRoutes, noted } from "./courseEndpoint.ts";
import { choice, namedId, pageFields, pagesOf } from "./fields.ts";
import { notedIn, progressIn } from "./readerPage.ts";
import { listedBook, namedBook, shownBook } from "./shownBook.ts";

const params = z.object({ id: namedId });

const chaptersPage = z.strictObject({
  counts: z.int(),
  pages: z.int(),
  page: z.int(),
  items: z.array(z.strictObject({ id: z.string(), title: z.string() })),
});

const readerPage = z.strictObject({
  id: z.string(),
  title: z.string(),
  chapter_id: z.string(),
  chapter_name: z.string(),
  progress: z.int().min(0).max(100),
  article_content: z.string(),
});

/** The routes of books, chapters and texts. */
export function bookRoutes(
  route: ReturnType<typeof courseRoutes>,
  commands: OpenBookDependencies & OpenChapterDependencies,
  pool: Pool,
): readonly Endpoint[] {
  return [
    ...route({
      method: "get",
      path: "/book/{id}",
      who: "anybody",
      reads: ["library", "history"],
      params,
      response: z.strictObject({ ...listedBook.shape, words: z.int(), lastChapter: z.string().nullable() }),
      problems: ["book_not_found"],
      async handle({ params, readerId, incoming }) {
        const book = await namedBook(pool, params.id);
        if (readerId !== undefined) {
          const sent = { bookId: book.bookId };
          const context = courseContext(incoming, sent);
          await noted(incoming, ["history"], () => openBook(commands, { readerId, ...sent }, context));
        }
        const listed = {
          id: book.bookId,
          title: book.title,
          introduction: book.intro,
          author: book.author,
          status: book.status,
          categoryId: book.subCategoryId ?? book.categoryId,
          categoryName: book.subCategory ?? book.category,
          coverUrl: book.coverUrl,
        };
        return {
          body: {
            ...shownBook(listed, incoming.origin),
            words: book.words ?? 0,
            lastChapter: book.latestChapter?.title ?? null,
          },
        };
      },
    }),

    ...route({
      method: "get",
      path: "/book/chapters/{id}",
      who: "anybody",
      reads: ["library"],
      params,
      query: z.object({ ...pageFields, order: choice(1) }),
      response: chaptersPage,
      problems: ["book_not_found"],
      async handle({ params, query }) {
        const book = await namedBook(pool, params.id);
        const { pagesize: _, ...pages } = pagesOf(book.chapters, query);
        const before = (query.page - 1) * query.pagesize;
        // Chapters are numbered from 1 without gaps, so a page's cursor is a number.
        const place =
          query.order === 1
            ? ({ order: "desc", after: book.chapters - before + 1 } as const)
            : ({ order: "asc", after: before } as const);
        const page = await catalogue(pool, { bookId: book.bookId, limit: query.pagesize, ...place });
        const chapters = JSON.parse(`[${page?.items ?? ""}]`) as { chapterId: string; title: string }[];
        return { body: { ...pages, items: chapters.map(({ chapterId, title }) => ({ id: chapterId, title })) } };
      },
    }),

    ...route({
      method: "get",
      path: "/book/reader/{id}",
      who: "anybody",
      reads: ["library", ...notedIn],
      params,
      query: z.object({ chapter_id: namedId.regex(/^(?!-|0*$)/, "must not be below 1") }),
      response: readerPage,
      problems: ["book_not_found", "chapter_not_found", "book_withdrawn"],
      async handle({ params, query, readerId, incoming }) {
        const book = await namedBook(pool, params.id);
        const chapterId = await chapterIdOf(pool, book.bookId, query.chapter_id);
        const found = chapterId && (await chapterOfBook(pool, book.bookId, { id: chapterId }));
        if (found === "withdrawn") throw new RequestProblem("book_withdrawn", "The book was withdrawn.");
        if (found === undefined || typeof found === "string") {
          throw new RequestProblem("chapter_not_found", "The book has no such chapter.");
        }
        const chapter = JSON.parse(found.json) as { chapterId: string; title: string; length: number; text: string };
        const opened = { bookId: book.bookId, ...chapter };
        const progress =
          readerId === undefined ? 0 : await progressIn(pool, commands, incoming, { readerId, ...opened });
        return {
          body: {
            id: book.bookId,
            title: book.title,
            chapter_id: chapter.chapterId,
            chapter_name: chapter.title,
            progress,
            article_content: chapter.text,
          },
        };
      },
    }),
  ];
}
