import type { ComparedChapter } from "../../domain/library/compareEditions.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, HandleCommand } from "../types.ts";

/**
 * Asks whether `chapters` make another edition of the book that readers see, and writes nothing. Rejects with CommandRefused
 * (`book_differs`) if most of its chapters would be replaced, or as HandleCommand does.
 */
export async function compareEdition(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { bookId, chapters }: { bookId: string; chapters: readonly ComparedChapter[] },
  context: CommandContext,
): Promise<void> {
  await handleCommand(bookStream, bookId, { type: "CompareEdition", chapters }, context);
}
