import type { OfferedChapter } from "../../domain/library/edition.ts";
import { bookStream } from "../../domain/library/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Takes one step towards publishing the edition `chapters`, identified by `digest`; pass the whole edition each time. The last
 * step writes BookPublished; if the edition is already published, nothing is written. Rejects with CommandRefused
 * (`book_not_catalogued`, or `book_differs` if another edition than `after` is published, 0: none) or as HandleCommand does.
 */
export function publishEdition(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  {
    bookId,
    digest,
    chapters,
    after,
  }: { bookId: string; digest: string; chapters: readonly OfferedChapter[]; after?: number },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "PublishEdition", digest, chapters, after } as const;
  return handleCommand(bookStream, bookId, command, context);
}
