import { commandHash, isCommandHash } from "./commandHash.ts";
import { IdempotencyKeyReused } from "./errors.ts";
import type { CommandContext } from "./types.ts";

/** The identity of a command within its stream. */
export type CommandIdentity = {
  readonly commandId: string;
  readonly commandHash: string;
};

/** The identity of a command. The hash is computed on first use: a command that appends nothing does not need it. */
export function identityOf(stream: string, name: string, { commandId, sent }: CommandContext): CommandIdentity {
  let hash: string | undefined;
  return {
    commandId,
    get commandHash() {
      hash ??= commandHash(stream, name, sent);
      return hash;
    },
  };
}

/** Throws IdempotencyKeyReused unless the stored hash under the same id is that of this command, compared by the kind of hash that is stored. */
export function requireSameCommand(stored: string, identity: CommandIdentity, { requestHash }: CommandContext): void {
  const hash = isCommandHash(stored) ? identity.commandHash : requestHash?.();
  if (stored === hash) return;
  throw new IdempotencyKeyReused(`The Idempotency-Key ${identity.commandId} was used for another command.`);
}
