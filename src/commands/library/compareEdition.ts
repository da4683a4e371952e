import type { ComparedChapter } from "../../domain/library/compareEditions.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, HandleCommand } from "../types.ts";

/**
 * Checks whether `chapters` are a new edition of the published one, `after` (0: none); writes nothing. Rejects with CommandRefused
 * (`book_differs`) if most chapters would be replaced or another edition is published, or as HandleCommand does.
 */
export async function compareEdition(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { bookId, chapters, after }: { bookId: string; chapters: readonly ComparedChapter[]; after: number },
  context: CommandContext,
): Promise<void> {
  await handleCommand(bookStream, bookId, { type: "CompareEdition", chapters, after }, context);
}
