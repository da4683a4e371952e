import type { Reader } from "../commands/workload.ts";
import { any } from "./any.ts";
import type { FloorName } from "./floor/statements.ts";

export type Request = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** The subjects of queries: ids of published books, of their categories, and readers with full shelves. */
export type World = {
  readonly books: readonly string[];
  readonly chaptersOfABook: number;
  readonly categories: readonly string[];
  /** With the indexes of the books on their shelves, each of which they have read on one device. */
  readonly readers: readonly Reader[];
};

/** A measured page: the request of a client, with another subject each time. The floor of this name gives the same answer. */
export type Line = { readonly name: FloorName; request(world: World): Request };

const get = (path: string, headers: Record<string, string> = {}): Request => ({ method: "GET", path, headers });

/** The lines of `npm run bench:queries`, in the order in which they are measured. */
export const lines: readonly Line[] = [
  { name: "shelf", request: ({ readers }) => get("/v1/shelf", { authorization: `Bearer ${any(readers).token}` }) },
  {
    name: "progress",
    request({ readers, books }) {
      const { token, shelf } = any(readers);
      return get(`/v1/reading/${books[any([...shelf])]}/progress`, { authorization: `Bearer ${token}` });
    },
  },
  {
    name: "last read",
    request: ({ readers }) => get("/v1/shelf/last-read", { authorization: `Bearer ${any(readers).token}` }),
  },
  { name: "start", request: ({ readers }) => get("/v1/start", { authorization: `Bearer ${any(readers).token}` }) },
  {
    name: "stats",
    request: ({ readers }) => get("/v1/reading/stats", { authorization: `Bearer ${any(readers).token}` }),
  },
  { name: "book detail", request: ({ books }) => get(`/v1/books/${any(books)}`) },
  {
    name: "chapter",
    request: ({ books, chaptersOfABook }) =>
      get(`/v1/books/${any(books)}/chapters/no:${1 + Math.floor(Math.random() * chaptersOfABook)}`),
  },
  { name: "category page", request: ({ categories }) => get(`/v1/categories/${any(categories)}/books`) },
  {
    name: "category page by shelves",
    request: ({ categories }) => get(`/v1/categories/${any(categories)}/books?order=collected`),
  },
];
