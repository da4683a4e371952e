import type { Command } from "commander";
import type { BookOutline, OutlinedChapter } from "../queries/library/bookOutline.ts";
import { tooLong, usualWords } from "./bookReport.ts";
import { parseBookId } from "./libraryBooks.ts";

export type LibraryCheckDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** Title and chapters of a book; undefined if there is no such book. */
  readonly bookOutline: (bookId: string) => Promise<BookOutline | undefined>;
};

/** In a book of five or more chapters, one with more than this share of the words may be several chapters. */
const largestShare = 0.4;

/** Adds `heima library check`. */
export function addLibraryCheck(library: Command, { stdout, bookOutline }: LibraryCheckDependencies): void {
  library
    .command("check")
    .description("find chapters that may have been parsed wrongly: empty, much too long, duplicated")
    .argument("<id>", "the book's id", parseBookId)
    .option("--json", "print the findings as JSON")
    .action(async (id: string, { json }: { json?: true }) => {
      const book = await bookOutline(id);
      if (book === undefined) throw new Error(`there is no book ${id}`);
      const found = findings(book.chapters);
      if (json) {
        stdout.write(`${JSON.stringify({ bookId: id, title: book.title, author: book.author, findings: found })}\n`);
        return;
      }
      stdout.write(`${id} 《${book.title}》 ${book.author}: ${book.chapters.length} chapters\n`);
      for (const line of found) stdout.write(`  ! ${line}\n`);
      stdout.write(
        found.length === 0 ? "  nothing to look at\n" : "Import its file again with --show to see what would change.\n",
      );
    });
}

/** The findings, one per line. */
function findings(chapters: readonly OutlinedChapter[]): readonly string[] {
  const total = chapters.reduce((sum, { words }) => sum + words, 0);
  const usual = usualWords(chapters);
  const seen = new Map<string, number>();
  return chapters.flatMap(({ no, title, words, sha256 }) => {
    const first = seen.get(sha256);
    if (first === undefined) seen.set(sha256, no);
    const name = `${no} ${title}`;
    const share = chapters.length >= 5 && words > largestShare * total;
    return [
      ...(words === 0 ? [`${name} has no text`] : []),
      ...(words > 0 && first !== undefined ? [`${name} has the text of ${first}`] : []),
      ...(share || tooLong(words, usual) ? [`${name} has ${words} of ${total} words: it may be several chapters`] : []),
    ];
  });
}
