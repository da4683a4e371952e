import type { EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import type { RefusalCode } from "../domain/streams.ts";

/**
 * The context and identity of a command. `commandId` is the Idempotency-Key (a UUID). The same id with another stream, command
 * name or `sent` is refused (IdempotencyKeyReused).
 */
export type CommandContext = {
  readonly commandId: string;
  /** The client's input, parsed, as JSON values; without what the server adds, such as limits or the time. */
  readonly sent: unknown;
  /** The hash of the HTTP request, for comparison with older events (`requestHash`). */
  readonly requestHash?: (() => string) | undefined;
  readonly correlationId: string;
  /** ISO 8601, by the API's clock. */
  readonly occurredAt: string;
  readonly deviceId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Set for corrections on behalf of a reader; stored in the metadata of the events. */
  readonly correction?: Correction | undefined;
};

/** The author of a correction on behalf of a reader, and the reason. */
export type Correction = { readonly by: string; readonly reason: string };

/**
 * A command that includes data from outside the stream. `prepare` is called once, in the order of the stream's
 * commands, and not for a repeat: by then the data may be different or deleted. HandleCommand rejects as it does.
 */
export type PreparedLater<Command extends NamedCommand> = {
  readonly name: Command["type"];
  readonly prepare: () => Promise<Command>;
};

/** Options of a command. */
export type CommandOptions = {
  /**
   * A precondition outside the stream: rejects if it is not met. Called in the order of the stream's commands, and only if the
   * command would append events or be refused.
   */
  readonly precondition?: () => Promise<void>;
};

/**
 * The outcome of a command: `appended`, the event store has taken its events; `repeated`, they were found in the
 * stream, from an earlier sending; `unchanged`, nothing had to change. A repeat that is decided on a state from before
 * its first sending is `appended` too: the event store answers it as it did then.
 */
export type CommandOutcome = "appended" | "repeated" | "unchanged";

/**
 * The result of a command. `events` are the types appended, empty if nothing had to change; `revision` and `position` are those
 * of the last appended event, or else of the stream's last event, null if it has none. `consistencyToken` lets a query wait for
 * the command; null if there is nothing to wait for. A repeat differs at most in its `outcome`.
 */
export type CommandResult = {
  readonly outcome: CommandOutcome;
  readonly position: bigint | null;
  readonly revision: bigint | null;
  readonly events: readonly string[];
  readonly consistencyToken: string | null;
};

/** A HandleCommand with its cache of stream states. */
export type CachingHandleCommand = HandleCommand & {
  /** Drops a stream from the cache, and its snapshot. */
  forget(stream: string): void;
};

/**
 * Loads the state of the stream with this id, decides, appends, and retries (docs/architecture.md, "The write
 * side"). Commands of one stream run in the order of the calls. Rejects with the error of `precondition` or `prepare`, with
 * CommandRefused, IdempotencyKeyReused or StreamBusy of ./errors.ts, or with an error of the event store:
 * OutcomeUnknown (may have been appended; retry with the same id), EventStoreUnavailable, StreamDeleted, AppendTooLarge.
 */
export type HandleCommand = <
  State,
  Command extends NamedCommand,
  Definitions extends EventDefinitions,
  Code extends RefusalCode,
  Id extends string,
>(
  stream: Stream<State, Command, Definitions, Code, Id>,
  id: NoInfer<Id>,
  command: NoInfer<Command | PreparedLater<Command>>,
  context: CommandContext,
  options?: CommandOptions,
) => Promise<CommandResult>;
