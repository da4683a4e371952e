import { type CommandIdentity, isSameCommand } from "./commandIdentity.ts";
import { IdempotencyKeyReused } from "./errors.ts";
import type { CommandContext } from "./types.ts";

/** How many commands of a stream are remembered; an older one that is repeated is decided anew. */
export const rememberedCommands = 500;

/** What a command wrote: the revision and position of its last event, its events' types and the books they concern. */
export type KnownCommand = {
  readonly hash: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly types: readonly string[];
  readonly books: readonly string[];
};

/** The last commands of a stream by their id, the oldest first. */
export type KnownCommands = Map<string, KnownCommand>;

/** What the command wrote earlier, if it is remembered. Throws IdempotencyKeyReused when its id was another command's. */
export function findCommand(
  known: KnownCommands,
  identity: CommandIdentity,
  context: CommandContext,
): KnownCommand | undefined {
  const earlier = known.get(identity.commandId);
  if (earlier !== undefined && !isSameCommand(earlier.hash, identity, context)) {
    throw new IdempotencyKeyReused(`The Idempotency-Key ${identity.commandId} was used for another command.`);
  }
  return earlier;
}

/** Remembers a command, or more of what the latest one wrote, and forgets the oldest when there are too many. */
export function remember(known: KnownCommands, id: string, command: KnownCommand): void {
  known.set(id, command);
  if (known.size > rememberedCommands) {
    for (const oldest of known.keys()) {
      known.delete(oldest);
      break;
    }
  }
}
