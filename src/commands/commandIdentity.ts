import { commandHash, isCommandHash } from "./commandHash.ts";
import type { CommandContext } from "./types.ts";

/** What tells a command from all others of its stream. */
export type CommandIdentity = {
  readonly commandId: string;
  readonly commandHash: string;
};

/** The identity of a command. It is hashed when the hash is first asked for: what writes nothing needs none. */
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

/** Whether a command that was stored under the same id is this one, by the form of hash that it was stored with. */
export function isSameCommand(stored: string, identity: CommandIdentity, { requestHash }: CommandContext): boolean {
  return isCommandHash(stored) ? stored === identity.commandHash : stored === requestHash?.();
}
