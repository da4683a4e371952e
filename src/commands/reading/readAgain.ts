import { roundsStream } from "../../domain/rounds/stream.ts";
import { BookNotFound } from "../errors.ts";
import type { BookExists } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";
import { checkedReadAt } from "./deviceClock.ts";

export type ReadAgainDeps = { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };

/** A book, and when something was done with it: the server's time unless the device says one. */
type Done = { readonly readerId: string; readonly bookId: string; readonly readAt?: string | undefined };

/**
 * Begins to read a book again; nothing happens while a round that began is not finished. Rejects with BookNotFound, CommandRefused
 * (`too_many_rounds`) or as HandleCommand does.
 */
export function beginReadingRound(deps: ReadAgainDeps, done: Done, context: CommandContext): Promise<CommandResult> {
  return send(deps, "BeginReadingRound", done, context);
}

/** Finishes the reading of a book, or the reading again. Rejects with BookNotFound or as HandleCommand does. */
export function finishBook(deps: ReadAgainDeps, done: Done, context: CommandContext): Promise<CommandResult> {
  return send(deps, "FinishBook", done, context);
}

function send(
  { handleCommand, bookExists }: ReadAgainDeps,
  type: "BeginReadingRound" | "FinishBook",
  { readerId, bookId, readAt }: Done,
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type, bookId, ...checkedReadAt(readAt ?? context.occurredAt, context.occurredAt) } as const;
  const require = async () => {
    if (!(await bookExists(bookId))) throw new BookNotFound(`There is no book ${bookId}.`);
  };
  return handleCommand(roundsStream, readerId, command, context, { require });
}
