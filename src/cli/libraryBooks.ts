import { type Command, InvalidArgumentError } from "commander";
import type { CommandResult } from "../commands/types.ts";
import { bookId } from "../domain/ids.ts";
import type { ListedBook } from "../queries/library/newestBooks.ts";
import { parseCount } from "./arguments.ts";
import { print } from "./print.ts";

export type LibraryBooksDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** The books of the library that are shown or that are withdrawn, the newest first. */
  readonly listBooks: (withdrawn: boolean) => AsyncIterable<ListedBook>;
  readonly withdrawBook: (bookId: string, reason: string) => Promise<CommandResult>;
  readonly restoreBook: (bookId: string) => Promise<CommandResult>;
};

type ListOptions = { readonly withdrawn?: boolean; readonly json?: true; readonly limit?: number };

/** Adds `heima library list`, `withdraw` and `restore`. */
export function addLibraryBooks(library: Command, deps: LibraryBooksDependencies): void {
  library
    .command("list")
    .description("list the books of the library, the newest first, without withdrawn ones")
    .option("--withdrawn", "list the withdrawn ones instead")
    .option("--json", "print one JSON object a line")
    .option("--limit <number>", "the maximum number of books", parseCount)
    .action(async ({ withdrawn = false, json, limit = Number.POSITIVE_INFINITY }: ListOptions) => {
      let listed = 0;
      for await (const book of deps.listBooks(withdrawn)) {
        if (listed === limit) break;
        listed += 1;
        await print(deps.stdout, `${json ? JSON.stringify(book) : line(book)}\n`);
      }
      if (!json) deps.stdout.write(`${listed} books\n`);
    });

  library
    .command("withdraw")
    .description("remove a book from all lists; it stays on shelves, but its chapters can no longer be read")
    .argument("<id>", "the book's id", parseBookId)
    .option("--reason <text>", "the reason, for the event; at most 200 characters", parseReason, "")
    .action(async (id: string, { reason }: { reason: string }) => {
      const { events } = await deps.withdrawBook(id, reason);
      deps.stdout.write(events.length > 0 ? `${id} is withdrawn\n` : `${id} was withdrawn before\n`);
    });

  library
    .command("restore")
    .description("restore a withdrawn book")
    .argument("<id>", "the book's id", parseBookId)
    .action(async (id: string) => {
      const { events } = await deps.restoreBook(id);
      deps.stdout.write(events.length > 0 ? `${id} is back\n` : `${id} was not withdrawn\n`);
    });
}

function line({ bookId, title, author, channel, category, status, chapters, words }: ListedBook): string {
  const counted = words === null ? "words unknown" : `${words} words`;
  return `${bookId} 《${title}》 ${author}; ${channel}, ${category}, ${status}; ${chapters} chapters, ${counted}`;
}

export function parseBookId(value: string): string {
  const parsed = bookId.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError("It must be 12 characters of a-z and 0-9.");
  return parsed.data;
}

function parseReason(value: string): string {
  if (value.length > 200) throw new InvalidArgumentError("It must have at most 200 characters.");
  return value;
}
