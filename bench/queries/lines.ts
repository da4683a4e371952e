import type { Pool } from "../../src/platform/postgres.ts";
import { bookDetail } from "../../src/queries/library/bookDetail.ts";
import { booksOnShelf } from "../../src/queries/shelf/booksOnShelf.ts";
import type { Reader } from "../commands/workload.ts";

export type Request = { readonly path: string; readonly headers: Readonly<Record<string, string>> };

/** What is there to be asked for: ids of published books, and readers with full shelves. */
export type World = { readonly books: readonly string[]; readonly readers: readonly Reader[] };

/** A page that is measured: what a client asks, and the same question to Postgres without HTTP. Each time another one. */
export type Line = {
  readonly name: string;
  request(world: World): Request;
  query(pool: Pool, world: World): Promise<unknown>;
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
];

function any<Item>(list: readonly Item[]): Item {
  return list[Math.floor(Math.random() * list.length)] as Item;
}
