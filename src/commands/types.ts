import type { EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import type { RefusalCode } from "../domain/streams.ts";

/**
 * Who sends a command and how a repeat is told from a new one: `commandId` is the Idempotency-Key (a UUID), and the same id for
 * another stream's or another kind of command, or with something else `sent`, is a misuse of the key.
 */
export type CommandContext = {
  readonly commandId: string;
  /** What the client sent, parsed, as JSON can hold it; nothing that the server adds, be it a limit or a time. */
  readonly sent: unknown;
  /** The hash of the request by which it came, for commands that were written with that (`requestHash`). */
  readonly requestHash?: () => string;
  readonly correlationId: string;
  /** ISO 8601, the API's clock. */
  readonly occurredAt: string;
  readonly deviceId?: string | undefined;
  readonly traceparent?: string | undefined;
};

/** What else a command needs. */
export type CommandOptions = {
  /**
   * Rejects when what the command needs beside its stream is not there. Called in the order of the stream's commands, and only if
   * the command would change something or be refused.
   */
  readonly require?: () => Promise<void>;
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
 * Loads the state of the stream of this id, decides, appends, and repeats what must be repeated (docs/architecture.md, "The write
 * side"). Commands to one stream are carried out in the order of the calls. Rejects with what `require` rejects with, with
 * CommandRefused, IdempotencyKeyReused or StreamBusy of ./errors.ts, or with an error of the event store:
 * OutcomeUnknown (perhaps written; repeat it with its id), EventStoreUnavailable, StreamDeleted, AppendTooLarge.
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
  command: NoInfer<Command>,
  context: CommandContext,
  options?: CommandOptions,
) => Promise<CommandResult>;
