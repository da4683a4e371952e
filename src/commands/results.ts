import { encodeConsistencyToken } from "../domain/consistencyToken.ts";
import { partitionKeyOf } from "../domain/partitionKeys.ts";
import { categoryOf } from "../domain/streams.ts";
import type { KnownCommand } from "./knownCommands.ts";
import type { StreamState } from "./streamState.ts";
import type { CommandResult } from "./types.ts";

/** The answer to a command that wrote something, now or when it was first sent. */
export function earlierResult(stream: string, { revision, position, types, books }: KnownCommand): CommandResult {
  return { revision, position, events: types, consistencyToken: tokenOf(stream, position, books) };
}

/** The answer to a command that found everything as it wants it: the stream's last event, if it has any. */
export function unchangedResult({ stream, revision, position, books }: StreamState<unknown>): CommandResult {
  const consistencyToken = position === null ? null : tokenOf(stream, position, books);
  return { revision, position, events: [], consistencyToken };
}

function tokenOf(stream: string, position: bigint, books: readonly string[]): string | null {
  const category = categoryOf(stream);
  if (category === undefined) return null;
  return encodeConsistencyToken({ position, category, reader: partitionKeyOf("reader", stream, undefined), books });
}
