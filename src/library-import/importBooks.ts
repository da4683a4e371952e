import { AppendTooLarge, CommandRefused, StreamDeleted } from "../commands/errors.ts";
import { type ImportDependencies, type ImportOptions, type ImportResult, importBook } from "./importBook.ts";
import { decisionOnSome, NeedsDecision } from "./needsDecision.ts";
import { namesOf, type ParsedBook, UnusableBookFile } from "./parsedBook.ts";

/** Books without text catalogued concurrently: each mostly waits for the event store, which batches their appends. */
const together = 32;

/** No book of a file can be imported, and retries will not help. The message is the reason. */
export class BooksRefused extends Error {
  override readonly name = "BooksRefused";
}

export type ImportBooksOptions = ImportOptions & {
  readonly signal?: AbortSignal;
  /** Called for each book of several that cannot be imported, with the reason. */
  readonly onLeftOut?: (message: string) => void;
};

/** A book that was not imported, although others of its file were. */
type Held<Failure> = { readonly title: string; readonly error: Failure };

/**
 * Imports books one after another, books without text several at once. `onResult` is called for each imported book, in any
 * order. If one of several books needs a decision or is refused by the library, the others are still imported: at the end it
 * rejects with NeedsDecision for all that need one; refused books are skipped, or, if none was imported, it rejects with
 * BooksRefused. With `signal` it stops after the books in progress and rejects with the signal's reason. For errors of a store,
 * the file or `onResult` it rejects as `importBook`, the iteration and `onResult` do; what was imported stays, and repeating the
 * import continues from there.
 */
export async function importBooks(
  deps: ImportDependencies,
  books: AsyncIterable<ParsedBook>,
  options: ImportBooksOptions,
  onResult: (result: ImportResult) => unknown,
): Promise<void> {
  const { signal, onLeftOut, ...ofBook } = options;
  const oneOnly = (options.bookId ?? options.title) !== undefined;
  const underWay = new Set<Promise<void>>();
  const undecided: Held<NeedsDecision>[] = [];
  const refused: Held<string>[] = [];
  let count = 0;
  let failure: { readonly error: unknown } | undefined;
  const start = (book: ParsedBook) => {
    count += 1;
    const done = importBook(deps, book, ofBook)
      .then(async (result) => void (await onResult(result)))
      .catch((error: unknown) => {
        const { title } = namesOf(book);
        const refusal = refusalOf(error);
        if (error instanceof NeedsDecision) undecided.push({ title, error });
        else if (refusal !== undefined) refused.push({ title, error: refusal });
        else failure ??= { error };
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
  if (refused.length > 0 && refused.length === count)
    throw new BooksRefused(`《${refused[0]!.title}》 ${refused[0]!.error}`);
  for (const { title, error } of refused) onLeftOut?.(`《${title}》 was left out: it ${error}`);
  if (undecided.length > 0) throw count === 1 ? undecided[0]!.error : decisionOnSome(undecided, count);
}

/** Why the library refuses a book permanently; undefined for errors of a store. */
export function refusalOf(error: unknown): string | undefined {
  if (error instanceof StreamDeleted) return "was erased for good";
  if (error instanceof AppendTooLarge) return "is too large: what it changes cannot be written at once";
  return error instanceof CommandRefused ? `is refused: ${error.message}` : undefined;
}

/** The only book of a file; an id or title cannot apply to several. */
async function* onlyBook(books: AsyncIterable<ParsedBook>): AsyncGenerator<ParsedBook, void, undefined> {
  let only: ParsedBook | undefined;
  for await (const book of books) {
    if (only !== undefined) throw new UnusableBookFile("holds several books: an id or a title is for a file of one");
    only = book;
  }
  if (only !== undefined) yield only;
}
