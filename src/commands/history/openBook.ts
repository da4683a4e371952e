import { historyStream } from "../../domain/history/stream.ts";
import { type BookExists, requireBooks } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type OpenBookDependencies = { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };

/**
 * Records a book as the most recent one of a reader's history; with `isPast`, only if the reader has not used the history since
 * `context.occurredAt`. Rejects with BookNotFound or as HandleCommand does.
 */
export function openBook(
  { handleCommand, bookExists }: OpenBookDependencies,
  { readerId, bookId, isPast }: { readerId: string; bookId: string; isPast?: true },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "OpenBook", bookId, at: context.occurredAt, isPast } as const;
  const precondition = requireBooks(bookExists, bookId);
  return handleCommand(historyStream, readerId, command, context, { precondition });
}
