import type { CataloguedBook } from "../domain/library/events.ts";
import { hiddenWarnings, type ImportDependencies, type ImportResult } from "../library-import/importBook.ts";
import { BooksRefused, importBooks } from "../library-import/importBooks.ts";
import { NeedsDecision } from "../library-import/needsDecision.ts";
import { type ParsedBook, UnusableBookFile } from "../library-import/parsedBook.ts";
import type { BookReader } from "../library-import/process/bookReader.ts";
import { ReadingBrokeOff } from "../library-import/process/ends.ts";
import type { ReadOptions } from "../library-import/readBooks.ts";
import { accountLines, contentsLines, suspicious } from "./bookReport.ts";
import { startJsonList } from "./jsonList.ts";
import { print } from "./print.ts";
import { startProgress } from "./progress.ts";

export type ImportFilesDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Starts the process that parses files. */
  readonly startBookReader: () => BookReader;
  /** Connects to Postgres and the event store for the duration of `work`. */
  readonly withLibrary: <Result>(work: (deps: ImportDependencies) => Promise<Result>) => Promise<Result>;
};

/** Values from the command line, which take precedence over those in the files. */
export type BookOverrides = {
  readonly id?: string;
  readonly title?: string;
  readonly author?: string;
  readonly category?: string;
  readonly channel?: CataloguedBook["channel"];
  readonly json?: true;
  readonly show?: true;
  readonly force?: true;
  readonly replace?: true;
};

/** The outcome of one file. */
type Tally = {
  readonly file: string;
  books: number;
  written: number;
  /** Warnings about books that nobody sees. */
  hidden: string[];
  skipped: string[];
  /** Lines of the report about the book's chapters. */
  notes: string[];
  last?: ImportResult;
  error?: string;
};

/** From this number of files, one progress bar is shown for all, and for each file only warnings. */
const manyFiles = 20;
/** The maximum number of skipped lines, and of withdrawn books, that are printed. */
const maxPrinted = 5;

/**
 * Imports `files`, printing one line per file, or with `json` all books. An unusable file, or one whose reading broke off, does
 * not prevent the import of the others; it throws at the end.
 */
export async function importFiles(
  files: readonly string[],
  overrides: BookOverrides,
  reading: ReadOptions,
  deps: ImportFilesDependencies,
): Promise<void> {
  const json = overrides.json ? startJsonList(deps.stdout) : undefined;
  const folder = files.length >= manyFiles ? startProgress(`${files.length} files`, deps.stderr) : undefined;
  const reader = deps.startBookReader();
  const tallies = await deps
    .withLibrary(async (library) => {
      const done: Tally[] = [];
      for (const file of files) {
        const from = { reader, reading, library };
        const tally = await importFile(file, overrides, from, deps, folder !== undefined, (result) =>
          json?.item({ file, ...result }),
        );
        if (tally.error !== undefined) await json?.item({ file, error: tally.error });
        if (json === undefined) await print(deps.stdout, `${reportOf(tally, folder !== undefined)}\n`);
        for (const line of some(tally.skipped, "more lines were left out")) deps.stderr.write(`${file}: ${line}\n`);
        done.push(tally);
        folder?.update(done.length, files.length);
      }
      folder?.stop();
      return done;
    })
    .finally(reader.close);
  await json?.end();
  if (json === undefined && files.length > 1) deps.stdout.write(`${summary(tallies)}\n`);
  const errors = tallies.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) throw new Error(`could not import ${errors.join("\n  and ")}`);
}

async function importFile(
  file: string,
  { id, title, author, category, channel, force, replace, show }: BookOverrides,
  { reader, reading, library }: { reader: BookReader; reading: ReadOptions; library: ImportDependencies },
  deps: ImportFilesDependencies,
  isOneOfMany: boolean,
  onResult: (result: ImportResult) => Promise<void> | undefined,
): Promise<Tally> {
  const tally: Tally = { file, books: 0, written: 0, hidden: [], skipped: [], notes: [] };
  const progress = isOneOfMany ? { update() {}, stop() {} } : startProgress(file, deps.stderr);
  const onLeftOut = (message: string) => tally.skipped.push(message);
  const chosen = { bookId: id, title, author, category, channel, force, replace };
  const options = { ...chosen, onLeftOut, onProgress: progress.update };
  const books = reader.read(file, {
    ...reading,
    onRead: progress.update,
    onSkip: (line, reason) => tally.skipped.push(`line ${line} ${reason}`),
  });
  try {
    await importBooks(library, noting(books, tally, show === true), options, (result) => {
      tally.books += 1;
      if (result.events.length > 0) tally.written += 1;
      tally.last = result;
      tally.hidden.push(...hiddenWarnings(result));
      return onResult(result);
    });
  } catch (error) {
    if (error instanceof NeedsDecision) tally.error = `${file}: ${error.advice}`;
    else if (error instanceof ReadingBrokeOff) tally.error = `${error.message}; import it again`;
    else if (error instanceof BooksRefused) tally.error = `${file}: ${error.message}`;
    else if (error instanceof UnusableBookFile)
      tally.error = error.message.startsWith(file) ? error.message : `${file}: ${error.message}`;
    else throw error;
  } finally {
    progress.stop();
  }
  return tally;
}

/** Adds lines about each book's chapters to the report; books of a catalogue have none. */
async function* noting(books: AsyncIterable<ParsedBook>, tally: Tally, show: boolean): AsyncGenerator<ParsedBook> {
  for await (const book of books) {
    if (show) tally.notes.push(...contentsLines(book.chapters));
    tally.notes.push(...suspicious(book.chapters));
    yield book;
  }
}

/** The report of a file: one line, followed by details; for one of many files only warnings. */
function reportOf(tally: Tally, isOneOfMany: boolean): string {
  const hidden = some(tally.hidden, "more books are withdrawn").map((line) => `! ${line}`);
  const details = [...hidden, ...accountLines(tally.last?.account), ...tally.notes];
  const notes = isOneOfMany ? details.filter((line) => line.startsWith("!")) : details;
  return [sentence(tally), ...notes.map((line) => `  ${line}`)].join("\n");
}

function sentence({ file, books, written, last, error }: Tally): string {
  if (error !== undefined) return `not imported: ${file}`;
  if (books !== 1 || last === undefined) return `${file}: ${books} books, ${written} new or changed`;
  const { bookId, title, author, chapters, words, events } = last;
  const wrote = events.length === 0 ? "already in the library, nothing written" : `wrote ${events.join(", ")}`;
  return `${bookId} 《${title}》 ${author}: ${chapters} chapters, ${words} words; ${wrote}`;
}

/** The first of these lines, and how many more there are. */
function some(lines: readonly string[], others: string): readonly string[] {
  const more = lines.length - maxPrinted;
  return [...lines.slice(0, maxPrinted), ...(more > 0 ? [`${more} ${others}`] : [])];
}

function summary(tallies: readonly Tally[]): string {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const failed = sum(({ error }) => (error === undefined ? 0 : 1));
  const files = `${tallies.length} files, ${failed} not imported`;
  const warned = sum(({ last, hidden }) => (hidden.length + (last?.account?.warnings.length ?? 0) > 0 ? 1 : 0));
  const looked = warned === 0 ? "" : `; ${warned} files to look at`;
  return `${files}: ${sum(({ books }) => books)} books, ${sum(({ written }) => written)} new or changed${looked}`;
}
