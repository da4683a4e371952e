import { shelfDecider } from "../../domain/shelf/decider.ts";
import { streamName } from "../../domain/streams.ts";
import { BookNotFound } from "../errors.ts";
import type { BookExists } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type AddBookToShelfDeps = {
  readonly handleCommand: HandleCommand;
  readonly bookExists: BookExists;
  /** The most books that one shelf holds. */
  readonly capacity: number;
};

/** Puts a book on a reader's shelf. Rejects with BookNotFound, CommandRefused (`shelf_full`) or as HandleCommand does. */
export async function addBookToShelf(
  { handleCommand, bookExists, capacity }: AddBookToShelfDeps,
  { readerId, bookId }: { readerId: string; bookId: string },
  context: CommandContext,
): Promise<CommandResult> {
  if (!(await bookExists(bookId))) throw new BookNotFound(`There is no book ${bookId}.`);
  const command = { type: "AddBookToShelf", bookId, capacity } as const;
  return handleCommand(shelfDecider, streamName("shelf", readerId), command, context);
}
