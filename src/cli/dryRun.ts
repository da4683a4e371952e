import type { Account } from "../library-import/account.ts";
import { namesOf, type ParsedBook, UnusableBookFile } from "../library-import/parsedBook.ts";
import type { BookReader } from "../library-import/process/bookReader.ts";
import { ReadingBrokeOff } from "../library-import/process/ends.ts";
import type { ReadOptions } from "../library-import/readBooks.ts";
import { countWords } from "../library-import/words.ts";
import { accountLines } from "./bookReport.ts";
import { startJsonList } from "./jsonList.ts";
import { print } from "./print.ts";
import { startProgress } from "./progress.ts";

/** A book as it would be imported; books of a catalogue have no chapters. */
type BookRead = {
  readonly file: string;
  readonly title: string;
  readonly author: string;
  readonly encoding: string | undefined;
  readonly account: Account | null;
  readonly chapters: readonly {
    readonly no: number;
    readonly title: string;
    readonly volume: string | null;
    readonly kind: string;
    readonly words: number;
  }[];
};

type DryRunDependencies = {
  readonly startBookReader: () => BookReader;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
};

/** Title and author from the command line, for a single book. */
type Overrides = { readonly title?: string | undefined; readonly author?: string | undefined };

/**
 * Reads `files` and prints what importing them would find, as JSON or as text. Writes nothing and needs no services. If files
 * cannot be read it throws at the end, after printing the others.
 */
export async function dryRun(
  files: readonly string[],
  overrides: Overrides,
  reading: ReadOptions,
  json: boolean,
  deps: DryRunDependencies,
): Promise<void> {
  const errors: string[] = [];
  const reader = deps.startBookReader();
  const printed = json ? startJsonList(deps.stdout) : lines(deps.stdout);
  try {
    for (const file of files) {
      const progress = startProgress(file, deps.stderr);
      const onSkip = (line: number, reason: string) => deps.stderr.write(`${file}: line ${line} ${reason}\n`);
      try {
        for await (const book of reader.read(file, { ...reading, onRead: progress.update, onSkip })) {
          await printed.item(shown(file, book, overrides));
        }
      } catch (error) {
        if (!(error instanceof UnusableBookFile || error instanceof ReadingBrokeOff)) throw error;
        errors.push(error.message);
        await printed.item({ file, error: error.message });
      } finally {
        progress.stop();
      }
    }
  } finally {
    reader.close();
  }
  await printed.end();
  if (errors.length > 0) throw new Error(`could not read ${errors.join("\n  and ")}`);
}

function shown(file: string, { chapters, ...book }: ParsedBook, overrides: Overrides): BookRead {
  const names = namesOf(book);
  return {
    file,
    title: overrides.title ?? names.title,
    author: overrides.author ?? names.author ?? "佚名",
    encoding: book.encoding,
    account: book.account ?? null,
    chapters: chapters.map(({ text, unstated: _, ...heading }) => ({ ...heading, words: countWords(text) })),
  };
}

type Item = BookRead | { readonly file: string; readonly error: string };

function lines(stdout: NodeJS.WritableStream) {
  return {
    item: (item: Item) => print(stdout, textOf(item)),
    async end() {},
  };
}

function textOf(item: Item): string {
  if ("error" in item) return `not read: ${item.file}\n`;
  const words = item.chapters.reduce((sum, chapter) => sum + chapter.words, 0);
  const chapters = item.chapters.map(({ no, title, volume, kind, words }) => {
    const where = volume === null ? "" : `${volume} / `;
    return `${no} ${where}${title}${kind === "chapter" ? "" : ` (${kind})`}: ${words} words`;
  });
  const details = [...accountLines(item.account), ...chapters].map((line) => `  ${line}\n`);
  return `《${item.title}》 ${item.author}: ${item.chapters.length} chapters, ${words} words\n${details.join("")}`;
}
