import { lowerPriority } from "../../platform/priority.ts";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { pieces } from "../pieces.ts";
import { readBooks } from "../readBooks.ts";
import type { FileToRead, FromReader, SkippedLine, ToReader } from "./messages.ts";
import { startWatchdog } from "./watchdog.ts";

// The process that reads books, so that hostile files affect no other work. It ends with its importer.

/** The number of books without text, and of skipped lines, per message. */
const together = 100;

/** The maximum number of skipped lines reported one by one. */
const maxSkippedListed = 1_000;

/** A third of the weight of who imports: a worker's projections are not delayed, and an import progresses even on a busy machine. */
const niceness = 5;

/** The amount of text in one message, in UTF-16 units, unless a chapter is longer. */
const unitsPerMessage = 100_000;

/** The interval at which progress is reported, in milliseconds. */
const reportEveryMs = 500;

let goOn: ((isWanted: boolean) => void) | undefined;

process.on("message", (message: ToReader) => {
  if (message === "next" || message === "stop") goOn?.(message === "next");
  else void read(message);
});
process.on("disconnect", () => process.exit());
// A terminal sends these signals to all its processes; the importer decides whether a file is read to its end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

const allow = startWatchdog(Number(process.argv[2]));
// After loading the sources.
lowerPriority(niceness);
send({ isReady: true });

async function read({ path, source, mapping, cpuMs }: FileToRead): Promise<void> {
  let books: ParsedBook[] = [];
  let skipped: SkippedLine[] = [];
  let reportedAt = Date.now();
  let count = 0;
  /** Skipped lines beyond the limit are only counted. */
  let more: { line: number; count: number; reason: string } | undefined;
  const onSkip = (line: number, reason: string) => {
    count += 1;
    if (count <= maxSkippedListed) skipped.push({ line, reason });
    else if (more === undefined) more = { line, count: 1, reason };
    else more.count += 1;
  };
  const allSkipped = () => {
    if (more === undefined) return skipped;
    const { line, count, reason } = more;
    return [...skipped, { line, reason: count === 1 ? reason : `and ${count - 1} more lines cannot be used` }];
  };
  const onRead = (read: number, total: number) => {
    if (Date.now() - reportedAt < reportEveryMs) return;
    reportedAt = Date.now();
    send({ read, total });
  };
  /** Waits until the books are imported, so that only one book is in memory. False if no further books are wanted. */
  const sendBooks = async () => {
    const taken = new Promise<boolean>((resolve) => {
      goOn = resolve;
    });
    const last = books.at(-1);
    if (last !== undefined && last.chapters.length > 0) {
      for (const chapters of pieces(last.chapters, { units: unitsPerMessage })) send({ chapters });
      books = books.with(-1, { ...last, chapters: [] });
    }
    send({ books, skipped });
    books = [];
    skipped = [];
    allow(null);
    const isWanted = await taken;
    allow(cpuMs);
    return isWanted;
  };
  allow(cpuMs);
  try {
    for await (const book of readBooks(path, { source, mapping, onSkip, onRead })) {
      books.push(book);
      const isFull = books.length + skipped.length >= together;
      if ((book.chapters.length > 0 || isFull) && !(await sendBooks())) return;
    }
    if (books.length > 0 && !(await sendBooks())) return;
    send({ end: true, skipped: allSkipped() });
  } catch (error) {
    send({
      error: error instanceof Error ? error.message : String(error),
      unusable: error instanceof UnusableBookFile,
      skipped: allSkipped(),
    });
  } finally {
    allow(null);
  }
}

function send(message: FromReader): void {
  process.send!(message);
}
