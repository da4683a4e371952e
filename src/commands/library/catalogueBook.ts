import type { CataloguedBook } from "../../domain/library/events.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/** Adds a book to the catalogue, or updates its catalogue data. Rejects as HandleCommand does. */
export function catalogueBook(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { bookId, book }: { bookId: string; book: CataloguedBook },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "CatalogueBook", book } as const;
  return handleCommand(bookStream, bookId, command, context);
}
