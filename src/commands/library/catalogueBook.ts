import type { CataloguedBook } from "../../domain/library/events.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/** Enters a book into the catalogue, or corrects what the catalogue says of it. Rejects as HandleCommand does. */
export function catalogueBook(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { bookId, book }: { bookId: string; book: CataloguedBook },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "CatalogueBook", book } as const;
  return handleCommand(bookStream, bookId, command, context);
}
