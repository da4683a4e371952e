import { shelfStream } from "../../domain/shelf/stream.ts";
import type { CommandContext, CommandResult } from "../types.ts";
import type { AddBookToShelfDependencies } from "./addBookToShelf.ts";

/**
 * Undoes the last removal of the last 24 hours: the books return to their places. Rejects with CommandRefused
 * (`nothing_to_undo`, `undo_too_late`, `removal_not_undoable`, `shelf_full`) or as HandleCommand does.
 */
export function undoShelfRemoval(
  { handleCommand, capacity }: Pick<AddBookToShelfDependencies, "handleCommand" | "capacity">,
  readerId: string,
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "UndoRemoval", at: context.occurredAt, capacity } as const;
  return handleCommand(shelfStream, readerId, command, context);
}
