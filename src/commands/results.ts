import { encodeConsistencyToken } from "../domain/consistencyToken.ts";
import { isRefusal, type Refusal } from "../domain/decider.ts";
import type { DomainEvent } from "../domain/event.ts";
import { partitionKeyOf } from "../domain/partitionKeys.ts";
import { categoryOf, type RefusalCode } from "../domain/streams.ts";
import { CommandRefused } from "./errors.ts";
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

/**
 * Answers a decision to append nothing. If nothing has to change, the result refers to the stream's last event, if any; throws
 * CommandRefused for a refusal.
 */
export function unchangedOrRefused(
  decision: readonly DomainEvent[] | Refusal<RefusalCode>,
  { stream, revision, position, books }: StreamState<unknown>,
): CommandResult {
  if (isRefusal(decision)) throw new CommandRefused(decision.refused, decision.detail);
  const consistencyToken = position === null ? null : tokenOf(stream, position, books);
  return { outcome: "unchanged", revision, position, events: [], consistencyToken };
}

function tokenOf(stream: string, position: bigint, books: readonly string[]): string | null {
  const category = categoryOf(stream);
  if (category === undefined) return null;
  return encodeConsistencyToken({ position, category, reader: partitionKeyOf("reader", stream, undefined), books });
}
