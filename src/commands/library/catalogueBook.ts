import type { CataloguedBook } from "../../domain/library/events.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Adds a book to the catalogue, or updates its catalogue data: the fields `known`, by default all. Rejects as HandleCommand does.
 */
export function catalogueBook(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  {
    bookId,
    book,
    known,
  }: { bookId: string; book: CataloguedBook; known?: readonly (keyof CataloguedBook)[] | undefined },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "CatalogueBook", book, known } as const;
  return handleCommand(bookStream, bookId, command, context);
}
