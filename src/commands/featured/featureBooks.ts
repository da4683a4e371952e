import { featuredStream } from "../../domain/featured/stream.ts";
import { BookNotFound } from "../errors.ts";
import type { BookExists } from "../library/bookExists.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type FeatureBooksDependencies = { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };

/** Replaces a channel's featured books with these, in this order. Rejects with BookNotFound or as HandleCommand does. */
export function featureBooks(
  { handleCommand, bookExists }: FeatureBooksDependencies,
  { channel, bookIds }: { channel: string; bookIds: readonly string[] },
  context: CommandContext,
): Promise<CommandResult> {
  const require = async () => {
    const exist = await Promise.all(bookIds.map(bookExists));
    const missing = bookIds[exist.indexOf(false)];
    if (missing !== undefined) throw new BookNotFound(`There is no book ${missing}.`);
  };
  return handleCommand(featuredStream, channel, { type: "FeatureBooks", bookIds }, context, { require });
}
