import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

type Deps = { readonly handleCommand: HandleCommand };

/** Takes a book from all lists; shelves keep it. Rejects with CommandRefused (`book_not_catalogued`) or as HandleCommand does. */
export function withdrawBook(
  { handleCommand }: Deps,
  { bookId, reason }: { bookId: string; reason: string },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "WithdrawBook", reason } as const;
  return handleCommand(bookStream, bookId, command, context);
}

/** Brings a withdrawn book back. Rejects as `withdrawBook` does. */
export function restoreBook(
  { handleCommand }: Deps,
  { bookId }: { bookId: string },
  context: CommandContext,
): Promise<CommandResult> {
  return handleCommand(bookStream, bookId, { type: "RestoreBook" }, context);
}
