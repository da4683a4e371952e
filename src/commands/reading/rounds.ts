import { roundsStream } from "../../domain/reading/rounds/stream.ts";
import { type BookExists, requireBooks } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";
import { timeRead } from "./deviceClock.ts";

export type RoundsDependencies = { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };

/** A book, and when it was started or finished: by the server's clock unless the device reports a time. */
type RoundReport = { readonly readerId: string; readonly bookId: string; readonly readAt?: string | undefined };

/**
 * Starts to read a book again; appends nothing while a started round is unfinished, or if it was finished after this time. Rejects with
 * BookNotFound, CommandRefused (`too_many_rounds`) or as HandleCommand does.
 */
export function beginReadingRound(
  deps: RoundsDependencies,
  report: RoundReport,
  context: CommandContext,
): Promise<CommandResult> {
  return sendRoundCommand(deps, "BeginReadingRound", report, context);
}

/** Finishes the current round of a book; appends nothing if that began after this time. Rejects with BookNotFound or as HandleCommand does. */
export function finishBook(
  deps: RoundsDependencies,
  report: RoundReport,
  context: CommandContext,
): Promise<CommandResult> {
  return sendRoundCommand(deps, "FinishBook", report, context);
}

function sendRoundCommand(
  { handleCommand, bookExists }: RoundsDependencies,
  type: "BeginReadingRound" | "FinishBook",
  { readerId, bookId, readAt }: RoundReport,
  context: CommandContext,
): Promise<CommandResult> {
  const at = context.occurredAt;
  const command = { type, bookId, ...timeRead(readAt ?? at, at), at } as const;
  const precondition = requireBooks(bookExists, bookId);
  return handleCommand(roundsStream, readerId, command, context, { precondition });
}
