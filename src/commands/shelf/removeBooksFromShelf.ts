import { shelfStream } from "../../domain/shelf/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/** Removes books from a reader's shelf; the reader can undo it (`undoShelfRemoval`). Rejects as HandleCommand does. */
export function removeBooksFromShelf(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { readerId, bookIds }: { readerId: string; bookIds: readonly string[] },
  context: CommandContext,
): Promise<CommandResult> {
  const removal = { id: context.commandId, at: context.occurredAt };
  return handleCommand(shelfStream, readerId, { type: "RemoveBooksFromShelf", bookIds, removal }, context);
}
