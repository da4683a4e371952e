import type { Pool } from "../../src/platform/postgres.ts";
import { bookDetail } from "../../src/queries/library/bookDetail.ts";
import { booksOfCategory } from "../../src/queries/library/booksOfCategory.ts";
import { chapterOfBook } from "../../src/queries/library/chapterOfBook.ts";
import { booksOnShelf } from "../../src/queries/shelf/booksOnShelf.ts";
import type { Reader } from "../commands/workload.ts";

export type Request = { readonly path: string; readonly headers: Readonly<Record<string, string>> };

/** What is there to be asked for: ids of published books, of their categories, and readers with full shelves. */
export type World = {
  readonly books: readonly string[];
  readonly chaptersOfABook: number;
  readonly categories: readonly string[];
  readonly readers: readonly Reader[];
};

/** A page that is measured: what a client asks, and the same question to Postgres without HTTP. Each time another one. */
export type Line = {
  readonly name: string;
  request(world: World): Request;
  query(pool: Pool, world: World): Promise<unknown>;
  /** Commands on shelves a second, meanwhile. */
  readonly shelving?: number;
};

/** The lines of `npm run bench:queries`, in the order in which they are measured. */
export const lines: readonly Line[] = [
  {
    name: "shelf",
    request: ({ readers }) => ({ path: "/v1/shelf", headers: { authorization: `Bearer ${any(readers).token}` } }),
    query: (pool, { readers }) => {
      const all = { sort: "added", group: null, text: null, limit: 20, after: null } as const;
      return booksOnShelf(pool, { readerId: any(readers).id, ...all });
    },
  },
  {
    name: "book detail",
    request: ({ books }) => ({ path: `/v1/books/${any(books)}`, headers: {} }),
    query: (pool, { books }) => bookDetail(pool, any(books)),
  },
  {
    // The floor is without the text itself, which is another query.
    name: "chapter",
    request: ({ books, chaptersOfABook }) => {
      return { path: `/v1/books/${any(books)}/chapters/no:${anyNumber(chaptersOfABook)}`, headers: {} };
    },
    query: (pool, { books, chaptersOfABook }) => {
      return chapterOfBook(pool, any(books), { no: anyNumber(chaptersOfABook) });
    },
  },
  {
    name: "category page",
    request: ({ categories }) => ({ path: `/v1/categories/${any(categories)}/books`, headers: {} }),
    query: (pool, { categories }) => {
      const all = { status: null, words: null, order: "updated", limit: 20, after: null } as const;
      return booksOfCategory(pool, { id: any(categories), ...all });
    },
  },
  {
    name: "category page by shelves, while books are shelved",
    shelving: 300,
    request: ({ categories }) => ({ path: `/v1/categories/${any(categories)}/books?order=collected`, headers: {} }),
    query: (pool, { categories }) => {
      const all = { status: null, words: null, order: "collected", limit: 20, after: null } as const;
      return booksOfCategory(pool, { id: any(categories), ...all });
    },
  },
];

function any<Item>(list: readonly Item[]): Item {
  return list[Math.floor(Math.random() * list.length)] as Item;
}

function anyNumber(highest: number): number {
  return 1 + Math.floor(Math.random() * highest);
}
