import { randomUUID } from "node:crypto";
import type { CommandContext, Correction } from "./types.ts";

/**
 * The context of a command that no client sent. It has a new id each time, so that only the stream's state makes a repetition
 * harmless. `sent` is the input from the command line or the import.
 */
export function ownContext(
  sent: unknown,
  correlationId: string = randomUUID(),
  correction?: Correction,
): CommandContext {
  return { commandId: randomUUID(), sent, correlationId, occurredAt: new Date().toISOString(), correction };
}
