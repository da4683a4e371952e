import { type CommandIdentity, isSameCommand } from "./commandIdentity.ts";
import { IdempotencyKeyReused } from "./errors.ts";
import type { CommandContext } from "./types.ts";

/** How many commands of a stream are remembered. A retry of an older one is decided again. */
export const rememberedCommands = 500;

/** What a command wrote: revision and position of its last event, the types of its events, and the affected books. */
export type KnownCommand = {
  readonly hash: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly types: readonly string[];
  readonly books: readonly string[];
};

/** The last commands of a stream by id, the oldest first. */
export type KnownCommands = Map<string, KnownCommand>;

/** What the command wrote earlier, if remembered. Throws IdempotencyKeyReused if its id belongs to another command. */
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

/** Remembers a command, or further events of the latest one, and forgets the oldest beyond the limit. */
export function remember(known: KnownCommands, id: string, command: KnownCommand): void {
  known.set(id, command);
  if (known.size > rememberedCommands) {
    for (const oldest of known.keys()) {
      known.delete(oldest);
      break;
    }
  }
}
