import { shelfStream } from "../../domain/shelf/stream.ts";
import { type BookExists, requireBooks } from "../library/bookExists.ts";
import { ownContext } from "../ownContext.ts";
import type { CommandResult, Correction, HandleCommand } from "../types.ts";

export type CorrectShelfDependencies = { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };

/**
 * Replaces one book with another on a reader's shelf, keeping its pin and group: for a book that was catalogued twice. Rejects
 * with BookNotFound, CommandRefused (`book_not_on_shelf`) or as HandleCommand does.
 */
export function replaceBookFor(
  { handleCommand, bookExists }: CorrectShelfDependencies,
  { readerId, from, to }: { readonly readerId: string; readonly from: string; readonly to: string },
  correction: Correction,
): Promise<CommandResult> {
  const precondition = requireBooks(bookExists, to);
  const context = ownContext({ from, to }, undefined, correction);
  return handleCommand(shelfStream, readerId, { type: "ReplaceBook", from, to }, context, { precondition });
}

/** Removes a book from a reader's shelf; no event if it is not there. Rejects as HandleCommand does. */
export function removeBookFor(
  { handleCommand }: Pick<CorrectShelfDependencies, "handleCommand">,
  { readerId, bookId }: { readonly readerId: string; readonly bookId: string },
  correction: Correction,
): Promise<CommandResult> {
  const context = ownContext({ bookId }, undefined, correction);
  return handleCommand(shelfStream, readerId, { type: "RemoveBooksFromShelf", bookIds: [bookId] }, context);
}
