import { featuredStream } from "../../domain/featured/stream.ts";
import { type BookExists, requireBooks } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type FeatureBooksDependencies = { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };

/** Replaces a channel's featured books with these, in this order. Rejects with BookNotFound or as HandleCommand does. */
export function featureBooks(
  { handleCommand, bookExists }: FeatureBooksDependencies,
  { channel, bookIds }: { channel: string; bookIds: readonly string[] },
  context: CommandContext,
): Promise<CommandResult> {
  const precondition = requireBooks(bookExists, ...bookIds);
  return handleCommand(featuredStream, channel, { type: "FeatureBooks", bookIds }, context, { precondition });
}
