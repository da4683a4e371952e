import { libraryDecider } from "../../domain/library/decider.ts";
import { streamName } from "../../domain/streams.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Makes the edition that `digest` names the one that readers see; `chapters` is how many it must have. Rejects with
 * CommandRefused (`book_not_catalogued`, `edition_incomplete`) or as HandleCommand does.
 */
export function publishBook(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { bookId, digest, chapters }: { bookId: string; digest: string; chapters: number },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "PublishBook", digest, chapters } as const;
  return handleCommand(libraryDecider, streamName("book", bookId), command, context);
}
