import type { CataloguedBook } from "../../domain/library/events.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Adds a book to the catalogue, or updates its catalogue data: the fields `known`, by default all. Rejects with CommandRefused
 * (`book_differs`) if that changes anything and another edition than `after` is published, or as HandleCommand does.
 */
export function catalogueBook(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  {
    bookId,
    book,
    known,
    after,
  }: { bookId: string; book: CataloguedBook; known?: readonly (keyof CataloguedBook)[] | undefined; after?: number },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "CatalogueBook", book, known, after } as const;
  return handleCommand(bookStream, bookId, command, context);
}
