import { type ShelfCommand, shelfDecider } from "../../domain/shelf/decider.ts";
import { streamName } from "../../domain/streams.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Any command that needs to know the reader's shelf alone; AddBookToShelf asks the library too. Rejects with CommandRefused
 * (its code is the decider's) or as HandleCommand does.
 */
export function changeShelf(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  readerId: string,
  command: Exclude<ShelfCommand, { type: "AddBookToShelf" }>,
  context: CommandContext,
): Promise<CommandResult> {
  return handleCommand(shelfDecider, streamName("shelf", readerId), command, context);
}
