import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

type Dependencies = { readonly handleCommand: HandleCommand };

/**
 * Removes a book from all lists; it stays on shelves. Rejects with CommandRefused (`book_not_catalogued`) or as HandleCommand
 * does.
 */
export function withdrawBook(
  { handleCommand }: Dependencies,
  { bookId, reason }: { bookId: string; reason: string },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "WithdrawBook", reason } as const;
  return handleCommand(bookStream, bookId, command, context);
}

/** Restores a withdrawn book. Rejects as `withdrawBook` does. */
export function restoreBook(
  { handleCommand }: Dependencies,
  { bookId }: { bookId: string },
  context: CommandContext,
): Promise<CommandResult> {
  return handleCommand(bookStream, bookId, { type: "RestoreBook" }, context);
}
