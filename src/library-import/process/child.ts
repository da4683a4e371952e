import { setPriority } from "node:os";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { readBooks } from "../readBooks.ts";
import type { FromReader, ToReader } from "./messages.ts";

// The process that reads books: what a file makes of it, no other work notices. It ends with its importer.

/** Books without text are sent so many at once. */
const together = 100;

/** A third of the weight of other processes: no partition waits, and a busy machine does not starve an import. */
const niceness = 5;

lower();

let goOn: ((isWanted: boolean) => void) | undefined;

process.on("message", (message: ToReader) => {
  if (message === "next" || message === "stop") goOn?.(message === "next");
  else void read(message.path);
});
process.on("disconnect", () => process.exit());

async function read(path: string): Promise<void> {
  try {
    let books: ParsedBook[] = [];
    for await (const book of readBooks(path)) {
      books.push(book);
      if (book.chapters.length === 0 && books.length < together) continue;
      if (!(await sendBooks(books))) return;
      books = [];
    }
    if (books.length > 0 && !(await sendBooks(books))) return;
    send({ end: true });
  } catch (error) {
    send({
      error: error instanceof Error ? error.message : String(error),
      unusable: error instanceof UnusableBookFile,
    });
  }
}

/** Sends books, and waits until they are imported: what lies in memory is one book. False if the rest is not wanted. */
async function sendBooks(books: readonly ParsedBook[]): Promise<boolean> {
  const taken = new Promise<boolean>((resolve) => {
    goOn = resolve;
  });
  send({ books });
  return taken;
}

function send(message: FromReader): void {
  process.send!(message);
}

/** Reading gives way to all other work; where that cannot be had, it does without. Loading the sources did not yet. */
function lower(): void {
  try {
    setPriority(niceness);
  } catch {}
}
