import { randomUUID } from "node:crypto";
import { commandHash } from "./commandHash.ts";
import type { CommandContext } from "./types.ts";

/**
 * The context of a command that no client sent: each is a new one, and what makes a repeat harmless is the state of the
 * stream. `method`, `path` and `body` are what its hash is made of.
 */
export function ownContext(
  method: string,
  path: string,
  body: unknown,
  correlationId: string = randomUUID(),
): CommandContext {
  return {
    commandId: randomUUID(),
    commandHash: commandHash(method, path, body),
    correlationId,
    occurredAt: new Date().toISOString(),
  };
}
