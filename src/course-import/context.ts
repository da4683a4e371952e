import { parse, v5 as uuidv5 } from "uuid";
import { IdempotencyKeyReused } from "../commands/errors.ts";
import type { CommandContext, CommandResult } from "../commands/types.ts";
import type { TableName } from "./tables.ts";

/** A random namespace, fixed for ever: with another one a repeated import would send new commands. */
const namespace = parse("b2f5f6a4-0f0c-4c1d-9a7e-6d1e0c2f7a53");

/**
 * A stable id derived from a row, for the command that imports it or for something that the command creates. `what` is its
 * purpose.
 */
export function idOfRow(table: TableName, id: number, what: string): string {
  return uuidv5(`${table}\n${id}\n${what}`, namespace);
}

/** The context of the command that imports a row; `at` is its time in milliseconds since 1970. */
export function rowContext(
  { table, id, what }: { readonly table: TableName; readonly id: number; readonly what: string },
  sent: unknown,
  { correlationId, at }: { readonly correlationId: string; readonly at: number },
): CommandContext {
  return { commandId: idOfRow(table, id, what), sent, correlationId, occurredAt: new Date(at).toISOString() };
}

/** Returns whether the command wrote events. A command already imported from a row with other content changes nothing. */
export async function wrote(command: Promise<CommandResult>): Promise<boolean> {
  try {
    return (await command).events.length > 0;
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return false;
    throw error;
  }
}
