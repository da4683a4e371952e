import { commandHash, isCommandHash } from "./commandHash.ts";
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

/** Whether the stored hash under the same id is that of this command, compared by the kind of hash that is stored. */
export function isSameCommand(stored: string, identity: CommandIdentity, { requestHash }: CommandContext): boolean {
  return isCommandHash(stored) ? stored === identity.commandHash : stored === requestHash?.();
}
