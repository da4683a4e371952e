import { shelfDecider } from "../../domain/shelf/decider.ts";
import { streamName } from "../../domain/streams.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/** Takes a book from a reader's shelf, be it in the library or not. Rejects as HandleCommand does. */
export function removeBookFromShelf(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { readerId, bookId }: { readerId: string; bookId: string },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "RemoveBooksFromShelf", bookIds: [bookId] } as const;
  return handleCommand(shelfDecider, streamName("shelf", readerId), command, context);
}
