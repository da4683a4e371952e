import { setTimeout as sleep } from "node:timers/promises";
import type { Ours } from "./ours.ts";

/** Maximum time without progress before the start fails, in milliseconds. */
const patienceMs = 120_000;

type Book = { readonly bookId: string; readonly title: string };

/** The result of an import of the demo library: its books, or the error if it failed. */
export type DemoImport = { readonly books: readonly Book[]; readonly failure: Error | undefined };

/**
 * Imports the demo library without rewriting what exists. It may fail if a book in the library was changed: an import does not
 * replace most of its chapters.
 */
export async function importDemo(heima: Ours["heima"]): Promise<DemoImport> {
  const { printed, failure } = await heima("library", "import", "--demo");
  const books = [...printed.matchAll(/^([a-z0-9]{12}) 《(.+)》 /gm)].map(([, bookId = "", title = ""]) => ({
    bookId,
    title,
  }));
  const named = books.length > 0 ? undefined : new Error("heima library import --demo names no book");
  return { books, failure: failure ?? named };
}

/**
 * Waits until the API shows every imported book by its id, and the search suggests one of those that were not withdrawn: then
 * commands, dispatcher, worker, queries and search all work. Other or missing books in the library do not matter. `check` is called
 * between the polls and may throw. Rejects when no build of a read model has made progress for two minutes; with the failure of an
 * import that named no book, if the library is empty.
 */
export async function untilServed(
  api: string,
  { books, failure }: DemoImport,
  check: () => void,
  patience = patienceMs,
): Promise<void> {
  const ask = async (path: string) => {
    const response = await fetch(`${api}${path}`, { signal: AbortSignal.timeout(5_000) });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  const shown = new Map<Book, boolean>();

  /** The missing part; undefined if there is none. */
  const missing = async (): Promise<string | undefined> => {
    if (books.length === 0) {
      const { status, body } = await ask("/v1/books?limit=1");
      if (status !== 200) return `status ${status} for the list of books`;
      if (body.items?.length === 0) throw failure;
    }
    for (const book of books) {
      if (shown.has(book)) continue;
      const { status, body } = await ask(`/v1/books/${book.bookId}`);
      if (status !== 200) return `status ${status} for 《${book.title}》`;
      shown.set(book, body.withdrawn === true);
    }
    const wanted = books.find((book) => shown.get(book) === false);
    const typed = (wanted ?? books[0])?.title ?? "a";
    const { status, body } = await ask(`/v1/search/suggest?q=${encodeURIComponent(typed)}`);
    if (status !== 200) return `status ${status} of the search`;
    return wanted !== undefined && body.items?.length === 0 ? `the search does not find 《${typed}》` : undefined;
  };

  let deadline = Date.now() + patience;
  let progress = "";
  for (;;) {
    check();
    const last = await missing().catch((error: Error) => {
      if (error === failure) throw error;
      return error.message;
    });
    if (last === undefined) return;
    const now = await ask("/health/ready").then(
      ({ body }) => progressOf(body),
      () => progress,
    );
    if (now !== progress) deadline = Date.now() + patience;
    progress = now;
    if (Date.now() >= deadline) throw new Error(`${api} does not show what it has: ${last}`);
    await sleep(100);
  }
}

type Answer = {
  readonly items?: readonly unknown[];
  readonly withdrawn?: boolean;
  readonly readModels?: Readonly<Record<string, Build>>;
};
type Build = {
  readonly build: string | null;
  readonly state: string;
  readonly filled?: unknown;
  readonly partitions: readonly { readonly position: string }[];
};

/** The progress of the read models, without values that change while they do not advance. */
function progressOf({ readModels = {} }: Answer): string {
  return JSON.stringify(
    Object.values(readModels).map(({ build, state, filled, partitions }) => [
      build,
      state,
      filled,
      partitions.map(({ position }) => position),
    ]),
  );
}
