import { shelfStream } from "../../domain/shelf/stream.ts";
import { BookNotFound } from "../errors.ts";
import type { BookExists } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type AddBookToShelfDeps = {
  readonly handleCommand: HandleCommand;
  readonly bookExists: BookExists;
  /** The most books that one shelf holds. */
  readonly capacity: number;
};

/**
 * Puts a book on a reader's shelf; a book that is there already needs none in the library, and is moved to `group`, or out of its group if that is null.
 * Rejects with BookNotFound, CommandRefused (`shelf_full`, `group_not_found`) or as HandleCommand does.
 */
export function addBookToShelf(
  { handleCommand, bookExists, capacity }: AddBookToShelfDeps,
  { readerId, bookId, group }: { readerId: string; bookId: string; group?: string | null | undefined },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "AddBookToShelf", bookId, capacity, group } as const;
  const require = async () => {
    if (!(await bookExists(bookId))) throw new BookNotFound(`There is no book ${bookId}.`);
  };
  return handleCommand(shelfStream, readerId, command, context, { require });
}
