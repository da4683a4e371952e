import { randomUUID } from "node:crypto";
import type { CommandContext, Correction } from "./types.ts";

/**
 * The context of a command that no client sent: each is a new one, and what makes a repeat harmless is the state of the
 * stream. `sent` is what was asked for on the command line, or what is imported.
 */
export function ownContext(
  sent: unknown,
  correlationId: string = randomUUID(),
  correction?: Correction,
): CommandContext {
  return { commandId: randomUUID(), sent, correlationId, occurredAt: new Date().toISOString(), correction };
}
