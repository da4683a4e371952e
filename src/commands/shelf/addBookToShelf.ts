import { shelfStream } from "../../domain/shelf/stream.ts";
import { type BookExists, requireBooks } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type AddBookToShelfDependencies = {
  readonly handleCommand: HandleCommand;
  readonly bookExists: BookExists;
  /** The maximum number of books on a shelf. */
  readonly capacity: number;
};

/**
 * Adds a book to a reader's shelf; with `group` also moves it to that group, or out of its group if null. A book that is on the
 * shelf need not be in the library. Rejects with BookNotFound, CommandRefused (`shelf_full`, `group_not_found`) or as
 * HandleCommand does.
 */
export function addBookToShelf(
  { handleCommand, bookExists, capacity }: AddBookToShelfDependencies,
  { readerId, bookId, group }: { readerId: string; bookId: string; group?: string | null | undefined },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "AddBookToShelf", bookId, capacity, group } as const;
  const precondition = requireBooks(bookExists, bookId);
  return handleCommand(shelfStream, readerId, command, context, { precondition });
}
