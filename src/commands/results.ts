import { encodeConsistencyToken } from "../domain/consistencyToken.ts";
import { partitionKeyOf } from "../domain/partitionKeys.ts";
import { categoryOf } from "../domain/streams.ts";
import type { KnownCommand } from "./knownCommands.ts";
import type { StreamState } from "./streamState.ts";
import type { CommandResult } from "./types.ts";

/** The result of a command that appended events, now or when it was sent before. */
export function resultOf(
  stream: string,
  { revision, position, types, books }: KnownCommand,
  outcome: "appended" | "repeated",
): CommandResult {
  return { outcome, revision, position, events: types, consistencyToken: tokenOf(stream, position, books) };
}

/** The result of a command that changed nothing: it refers to the stream's last event, if any. */
export function unchangedResult({ stream, revision, position, books }: StreamState<unknown>): CommandResult {
  const consistencyToken = position === null ? null : tokenOf(stream, position, books);
  return { outcome: "unchanged", revision, position, events: [], consistencyToken };
}

function tokenOf(stream: string, position: bigint, books: readonly string[]): string | null {
  const category = categoryOf(stream);
  if (category === undefined) return null;
  return encodeConsistencyToken({ position, category, reader: partitionKeyOf("reader", stream, undefined), books });
}
