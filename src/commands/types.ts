import type { Decider } from "../domain/decider.ts";
import type { HeimaEvent } from "../domain/events.ts";
import type { StreamName } from "../domain/streams.ts";

/**
 * Who sends a command and how a repeat is told from a new one. `commandId` is the Idempotency-Key (a UUID), `commandHash`
 * the SHA-256 of method, path and canonical body: the same id with another hash is a misuse of the key.
 */
export type CommandContext = {
  readonly commandId: string;
  readonly commandHash: string;
  readonly correlationId: string;
  /** ISO 8601, the API's clock. */
  readonly occurredAt: string;
  readonly deviceId?: string | undefined;
  readonly traceparent?: string | undefined;
};

/**
 * What a command did. `events` are the types written, empty when nothing had to change; `revision` and `position` are of
 * the last event written, or then of the stream's last event, null if the stream has none. `consistencyToken` lets a
 * query wait for it; null if there is nothing to wait for.
 */
export type CommandResult = {
  readonly position: bigint | null;
  readonly revision: bigint | null;
  readonly events: readonly string[];
  readonly consistencyToken: string | null;
};

/**
 * Loads a stream's state, decides, appends, and repeats what must be repeated (docs/architecture.md, "The write side").
 * Rejects with CommandRefused, IdempotencyKeyReused or StreamBusy of ./errors.ts, or with an error of the event store:
 * OutcomeUnknown (perhaps written; repeat it with its id), EventStoreUnavailable, StreamDeleted, AppendTooLarge.
 */
export type HandleCommand = <State, Command, Event extends HeimaEvent>(
  decider: Decider<State, Command, Event>,
  stream: StreamName,
  command: Command,
  context: CommandContext,
) => Promise<CommandResult>;
