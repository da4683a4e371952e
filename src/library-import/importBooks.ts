import { type ImportDeps, type ImportOptions, type ImportResult, importBook } from "./importBook.ts";
import { type ParsedBook, UnusableBookFile } from "./parsedBook.ts";

/** Books without text that are catalogued at the same time: each waits for the log alone, and one append has room for more. */
const together = 32;

/**
 * Imports books one after another, those without text several at once. `onResult` is told of each that is done, in any order.
 * With `signal` it stops after the books that are under way and rejects with the signal's reason. Rejects as `importBook`
 * and the iteration do; what was imported stays, and the same import again goes on from there.
 */
export async function importBooks(
  deps: ImportDeps,
  books: AsyncIterable<ParsedBook>,
  options: ImportOptions & { readonly signal?: AbortSignal },
  onResult: (result: ImportResult) => void,
): Promise<void> {
  const { signal, ...ofBook } = options;
  const oneOnly = (options.bookId ?? options.title) !== undefined;
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const start = (book: ParsedBook) => {
    const done = importBook(deps, book, ofBook)
      .then(onResult)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };
  try {
    for await (const book of oneOnly ? onlyBook(books) : books) {
      signal?.throwIfAborted();
      const started = start(book);
      if (book.chapters.length > 0) await started;
      else if (underWay.size >= together) await Promise.race(underWay);
      if (failure !== undefined) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure !== undefined) throw failure.error;
}

/** The one book of a file; an id or a title cannot be that of several. */
async function* onlyBook(books: AsyncIterable<ParsedBook>): AsyncGenerator<ParsedBook, void, undefined> {
  let only: ParsedBook | undefined;
  for await (const book of books) {
    if (only !== undefined) throw new UnusableBookFile("holds several books: an id or a title is for a file of one");
    only = book;
  }
  if (only !== undefined) yield only;
}
