import type { CataloguedBook, LibraryEvent, NumberRange } from "../../domain/library/events.ts";
import { wordsAfterCataloguing } from "../../domain/library/words.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";
import { categoryId, subCategoryId } from "./categoryId.ts";
import { goneChapters } from "./goneChapters.ts";
import { titleKeyOf } from "./titleKey.ts";

const chapterColumns = {
  book_id: "text",
  no: "int4",
  chapter_id: "text",
  title: "text",
  volume: "text?",
  kind: "text",
  sha256: "text",
  length: "int4",
  words: "int4",
} as const;

/** The books of the library, the published chapters, and those of unfinished editions. */
export const library = defineReadModel({
  name: "library",
  version: 3,
  partitionKey: "book",
  categories: ["book"],
  tables: {
    books: {
      columns: {
        book_id: "text",
        title: "text",
        title_key: "text",
        author: "text",
        intro: "text",
        channel: "text",
        category: "text",
        category_id: "text",
        sub_category: "text?",
        sub_category_id: "text?",
        status: "text",
        cover_url: "text?",
        cover_sha256: "text?",
        edition: "int4?",
        chapters: "int4",
        /** Of the published edition, else as stated by the source. */
        words: "int8?",
        catalogued_at: "timestamptz",
        catalogued_position: "int8",
        /** The time of the last event that changed the catalogue data or the edition. */
        updated_at: "timestamptz",
        updated_position: "int8",
        published_at: "timestamptz?",
        /** When an edition last had more chapters than the previous one. */
        grown_at: "timestamptz?",
        withdrawn_at: "timestamptz?",
      },
      primaryKey: ["book_id"],
      indexes: [
        "(catalogued_position)",
        "(category_id, updated_position)",
        "(sub_category_id, updated_position)",
        "(cover_sha256) WHERE cover_sha256 IS NOT NULL",
      ],
    },
    /**
     * Chapters beyond the book's number of chapters are leftovers of a longer edition that was replaced before BookPublished said how
     * long that one was.
     */
    chapters: { columns: chapterColumns, primaryKey: ["book_id", "no"], indexes: ["(book_id, chapter_id)"] },
    /** The chapters that an edition removed, each with the chapter before it (none if it was the first). */
    gone_chapters: {
      columns: { book_id: "text", edition: "int4", no: "int4", chapter_id: "text", before_chapter_id: "text?" },
      primaryKey: ["book_id", "edition", "no"],
      indexes: ["(book_id, chapter_id, edition)"],
    },
    draft_chapters: {
      columns: { ...chapterColumns, edition: "int4" },
      primaryKey: ["book_id", "edition", "no"],
    },
  },
  on: {
    BookCatalogued: {
      keys: (event) => ({ books: [{ book_id: idOf(event.stream) }] }),
      project: ({ books: [book] }, event) => {
        const first = {
          book_id: idOf(event.stream),
          edition: null,
          chapters: 0,
          catalogued_at: event.created,
          catalogued_position: event.position,
          published_at: null,
          grown_at: null,
          withdrawn_at: null,
        };
        const words = wordsAfterCataloguing(book, event.data.words);
        return { books: [{ ...first, ...book, ...cataloguedColumns(event.data), words, ...updatedBy(event) }] };
      },
    },
    ChaptersPublished: {
      keys: (event) => {
        const { edition, chapters } = event.data;
        return { draft_chapters: chapters.map(({ no }) => ({ book_id: idOf(event.stream), edition, no })) };
      },
      overwrites: true,
      project: (_, event) => {
        const { edition, chapters } = event.data;
        return {
          draft_chapters: chapters.map(({ chapterId, ...chapter }) => ({
            book_id: idOf(event.stream),
            edition,
            chapter_id: chapterId,
            ...chapter,
          })),
        };
      },
    },
    BookPublished: {
      /** Editions started after the previously published one and never finished. */
      wipe: (event) => {
        const { edition, replaces } = event.data;
        const unfinished = Array.from({ length: edition - 1 - replaces }, (_, index) => replaces + 1 + index);
        return { draft_chapters: unfinished.map((draft) => ({ book_id: idOf(event.stream), edition: draft })) };
      },
      keys: (event) => {
        const book_id = idOf(event.stream);
        const { edition, changed } = event.data;
        const touched = [...changed, ...removedEnd(event.data)];
        const numbers = numbersIn(touched);
        return {
          books: [{ book_id }],
          // After the changed chapters and the removed end, the ones before them, which may have preceded a removed chapter.
          chapters: [...numbers, ...numbersBefore(touched)].map((no) => ({ book_id, no })),
          gone_chapters: numbers.map((no) => ({ book_id, edition, no })),
          draft_chapters: numbersIn(changed).map((no) => ({ book_id, edition, no })),
        };
      },
      project: ({ books: [book], chapters, draft_chapters }, event) => {
        if (book === undefined) return {};
        const { edition, totals } = event.data;
        const removed = numbersIn(removedEnd(event.data));
        return {
          books: [
            {
              ...book,
              edition,
              chapters: totals.chapters,
              words: BigInt(totals.words),
              published_at: book.published_at ?? event.created,
              grown_at: totals.chapters > book.chapters ? event.created : book.grown_at,
              ...updatedBy(event),
            },
          ],
          chapters: [
            ...draft_chapters.map((draft) => {
              if (draft === undefined) return undefined;
              const { edition: _, ...chapter } = draft;
              return chapter;
            }),
            ...removed.map(() => null),
          ],
          gone_chapters: goneChapters({ book, edition }, chapters, [...draft_chapters, ...removed.map(() => null)]),
          draft_chapters: draft_chapters.map(() => null),
        };
      },
    },
    BookWithdrawn: {
      keys: (event) => ({ books: [{ book_id: idOf(event.stream) }] }),
      project: ({ books: [book] }, event) => ({ books: [book && { ...book, withdrawn_at: event.created }] }),
    },
    BookRestored: {
      keys: (event) => ({ books: [{ book_id: idOf(event.stream) }] }),
      project: ({ books: [book] }) => ({ books: [book && { ...book, withdrawn_at: null }] }),
    },
  },
});

type PublishedEdition = Extract<LibraryEvent, { type: "BookPublished" }>["data"];

/** The columns that come only from the catalogue. */
function cataloguedColumns({ title, author, intro, channel, category, subCategory, status, cover }: CataloguedBook) {
  return {
    title,
    title_key: titleKeyOf(title),
    author,
    intro,
    channel,
    category,
    category_id: categoryId(channel, category),
    sub_category: subCategory,
    sub_category_id: subCategoryId(channel, category, subCategory),
    status,
    cover_url: cover !== null && "url" in cover ? cover.url : null,
    cover_sha256: cover !== null && "sha256" in cover ? cover.sha256 : null,
  };
}

function updatedBy({ created, position }: { readonly created: Date; readonly position: bigint }) {
  return { updated_at: created, updated_position: position };
}

/** The numbers that the edition before had beyond the end of this one, as a range. */
function removedEnd({ totals, chaptersBefore }: PublishedEdition): readonly NumberRange[] {
  const from = totals.chapters + 1;
  return chaptersBefore !== null && from <= chaptersBefore ? [{ from, to: chaptersBefore }] : [];
}

function numbersBefore(ranges: readonly NumberRange[]): number[] {
  return ranges.flatMap(({ from }, index) => (from - 1 > (ranges[index - 1]?.to ?? 0) ? [from - 1] : []));
}

function numbersIn(ranges: readonly NumberRange[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
}
