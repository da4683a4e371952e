import { type Command, InvalidArgumentError } from "commander";
import type { CommandResult, Correction } from "../../commands/types.ts";
import { isVisible } from "../../domain/visibleText.ts";
import { parseReaderId } from "../account.ts";
import { parseBookId } from "../libraryBooks.ts";

export type ReaderCorrectDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly replaceBookFor: (
    move: { readonly readerId: string; readonly from: string; readonly to: string },
    correction: Correction,
  ) => Promise<CommandResult>;
  readonly removeBookFor: (
    book: { readonly readerId: string; readonly bookId: string },
    correction: Correction,
  ) => Promise<CommandResult>;
};

const help = `
The correction is made on behalf of the reader, whose devices show it. --by and --reason are stored in the metadata of the
events, where heima reader trace --json shows them. Nothing is deleted from the log.

Examples:
  heima reader move-book 01890a5d-ac96-774b-bcce-b302099a8057 hongloumeng1 hongloumeng0 --by li --reason "catalogued twice"
  heima reader remove-book 01890a5d-ac96-774b-bcce-b302099a8057 hongloumeng1 --by li --reason "asked by the reader"`;

/** Adds `heima reader move-book` and `remove-book`. */
export function addReaderCorrections(reader: Command, deps: ReaderCorrectDependencies): void {
  const correction = (name: string, description: string) =>
    reader
      .command(name)
      .description(description)
      .argument("<id>", "the reader's id", parseReaderId)
      .requiredOption("--by <name>", "who makes the correction, for the event", words(200))
      .requiredOption("--reason <text>", "the reason, for the event", words(500))
      .addHelpText("after", help);

  correction("move-book", "replace a book on a reader's shelf with another, keeping pin and group")
    .argument("<from>", "the id of the book to replace", parseBookId)
    .argument("<to>", "the id of the new book", parseBookId)
    .action(async (readerId: string, from: string, to: string, { by, reason }: Correction) => {
      const { events } = await deps.replaceBookFor({ readerId, from, to }, { by, reason });
      deps.stdout.write(`${events.length === 0 ? "nothing to move" : events.join(", ")}\n`);
    });

  correction("remove-book", "remove a book from a reader's shelf")
    .argument("<book>", "the book's id", parseBookId)
    .action(async (readerId: string, bookId: string, { by, reason }: Correction) => {
      const { events } = await deps.removeBookFor({ readerId, bookId }, { by, reason });
      deps.stdout.write(`${events.length === 0 ? "it is not on the shelf" : events.join(", ")}\n`);
    });
}

const words = (max: number) => (value: string) => {
  if (value.length > max || !isVisible(value) || /[\p{Cc}\p{Cs}]/u.test(value))
    throw new InvalidArgumentError(`It must be one line of 1 to ${max} characters.`);
  return value;
};
