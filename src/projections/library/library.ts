import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/declaration.ts";

/** The books of the library and the chapters of the edition that readers see, or that is being published. */
export const library = defineReadModel({
  name: "library",
  version: 1,
  laneKey: "book",
  categories: ["book"],
  tables: {
    books: {
      columns: {
        book_id: "text",
        title: "text",
        author: "text",
        intro: "text",
        channel: "text",
        category: "text",
        status: "text",
        cover_url: "text?",
        edition: "int4?",
        chapters: "int4",
        words: "int8",
        catalogued_at: "timestamptz",
        published_at: "timestamptz?",
        published_position: "int8?",
        updated_at: "timestamptz",
      },
      primaryKey: ["book_id"],
      indexes: ["(published_position)"],
    },
    chapters: {
      columns: {
        book_id: "text",
        edition: "int4",
        no: "int4",
        chapter_id: "text",
        title: "text",
        volume: "text?",
        kind: "text",
        sha256: "text",
        length: "int4",
        words: "int4",
      },
      primaryKey: ["book_id", "edition", "no"],
    },
  },
  on: {
    BookCatalogued: {
      keys: (event) => ({ books: [{ book_id: idOf(event.stream) }] }),
      project: ({ books: [book] }, event) => {
        const { title, author, intro, channel, category, status, coverUrl } = event.data;
        const catalogued = { title, author, intro, channel, category, status, cover_url: coverUrl };
        const unpublished = {
          book_id: idOf(event.stream),
          edition: null,
          chapters: 0,
          words: 0n,
          catalogued_at: event.created,
          published_at: null,
          published_position: null,
        };
        return { books: [{ ...unpublished, ...book, ...catalogued, updated_at: event.created }] };
      },
    },
    ChaptersPublished: {
      keys: (event) => {
        const { edition, chapters } = event.data;
        return { chapters: chapters.map(({ no }) => ({ book_id: idOf(event.stream), edition, no })) };
      },
      project: (_, event) => {
        const { edition, chapters } = event.data;
        return {
          chapters: chapters.map(({ chapterId, ...chapter }) => ({
            book_id: idOf(event.stream),
            edition,
            chapter_id: chapterId,
            ...chapter,
          })),
        };
      },
    },
    BookPublished: {
      /** The chapters of the editions before this one, also of those that were begun and never finished. */
      wipe: (event) => ({
        chapters: Array.from({ length: event.data.edition - 1 }, (_, earlier) => ({
          book_id: idOf(event.stream),
          edition: earlier + 1,
        })),
      }),
      keys: (event) => ({ books: [{ book_id: idOf(event.stream) }] }),
      project: ({ books: [book] }, event) => {
        if (book === undefined) return {};
        const { edition, totals } = event.data;
        return {
          books: [
            {
              ...book,
              edition,
              chapters: totals.chapters,
              words: BigInt(totals.words),
              published_at: book.published_at ?? event.created,
              published_position: book.published_position ?? event.position,
              updated_at: event.created,
            },
          ],
        };
      },
    },
  },
});
