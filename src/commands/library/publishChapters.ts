import { libraryDecider, type OfferedChapter } from "../../domain/library/decider.ts";
import { streamName } from "../../domain/streams.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Publishes the next chapters (at most `maxChaptersPerEvent`) of the edition that `digest` names. Rejects with CommandRefused
 * (`book_not_catalogued`, `chapters_out_of_order`) or as HandleCommand does.
 */
export function publishChapters(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { bookId, digest, chapters }: { bookId: string; digest: string; chapters: readonly OfferedChapter[] },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "PublishChapters", digest, chapters } as const;
  return handleCommand(libraryDecider, streamName("book", bookId), command, context);
}
