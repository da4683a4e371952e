import { setTimeout as sleep } from "node:timers/promises";
import { isRefusal } from "../domain/decider.ts";
import type { EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import { nameOf } from "../domain/streamNames.ts";
import type { RefusalCode } from "../domain/streams.ts";
import { codecOf } from "../event-store/codec.ts";
import { OutcomeUnknown, StreamDeleted, WrongExpectedRevision } from "../event-store/errors.ts";
import type { EventStore } from "../event-store/types.ts";
import type { Logger } from "../platform/logger.ts";
import { appendSafely } from "./appendSafely.ts";
import { identityOf } from "./commandIdentity.ts";
import { encodeEvents } from "./encodeEvents.ts";
import { StreamBusy } from "./errors.ts";
import { findRepeat } from "./findRepeat.ts";
import { createKeyedMutex } from "./keyedMutex.ts";
import { resultOf, unchangedOrRefused } from "./results.ts";
import type { Snapshots } from "./snapshots/snapshots.ts";
import { foldAppended } from "./streamState.ts";
import { createStreamStates } from "./streamStates.ts";
import type {
  CachingHandleCommand,
  CommandContext,
  CommandOptions,
  CommandResult,
  HandleCommand,
  PreparedLater,
} from "./types.ts";

export type HandleCommandOptions = {
  readonly eventStore: Pick<EventStore, "append" | "readStream">;
  readonly logger: Logger;
  /** The maximum size of the cache of stream states, in bytes (estimated). */
  readonly cacheBytes?: number;
  /** Snapshots of long streams; without them each process folds every stream from its first event. */
  readonly snapshots?: Snapshots | undefined;
  /** The pauses before each retry of an append whose outcome is unknown; one retry per pause. */
  readonly repeatPausesMs?: readonly number[];
  /** The number of conflicts after which a command fails with StreamBusy. */
  readonly maxConflicts?: number;
};

/** A command that has arrived at the stream `name`, at this moment of the logical clock. */
type Arrived<Command extends NamedCommand> = {
  readonly name: string;
  readonly command: Command | PreparedLater<Command>;
  readonly context: CommandContext;
  readonly precondition: CommandOptions["precondition"] | undefined;
  readonly arrivedAt: number;
};

/** Creates a process's HandleCommand. It caches stream states and runs the commands of one stream in order. */
export function createHandleCommand(options: HandleCommandOptions): CachingHandleCommand {
  const { eventStore, logger, snapshots, cacheBytes = 64 * 1024 * 1024 } = options;
  const { repeatPausesMs, maxConflicts = 10 } = options;
  const states = createStreamStates({ eventStore, snapshots, cacheBytes });
  const keyedMutex = createKeyedMutex();

  /**
   * Runs one command. An answer without an append (nothing to change, or a refusal) is given only from a state whose last read
   * began after the command arrived. An append needs no such read, because the event store compares its exact revision. Without a
   * new read, another process may have written since, and the answer would describe a state that the client knows to be outdated.
   */
  async function handle<
    State,
    Command extends NamedCommand,
    Definitions extends EventDefinitions,
    Code extends RefusalCode,
  >(
    stream: Stream<State, Command, Definitions, Code>,
    { name, command, context, arrivedAt, precondition }: Arrived<Command>,
  ): Promise<CommandResult> {
    const identity = identityOf(name, isPreparedLater(command) ? command.name : command.type, context);
    let current = states.cached<State>(name) ?? (await states.load(stream, name));
    let decided: Command | undefined;
    let unchecked = precondition;
    for (let conflicts = 0; ; ) {
      const found = findRepeat(name, states.findCommand(stream, current, identity.commandId), identity, context);
      // Awaited only if it is read: a new command is decided in the same turn.
      const repeated = found instanceof Promise ? await found : found;
      if (repeated !== undefined) return repeated;

      decided ??= isPreparedLater(command) ? await command.prepare() : command;
      const decision = stream.decider.decide(decided, current.state);
      const appendsNothing = isRefusal(decision) || decision.length === 0;
      if (appendsNothing && current.readAt < arrivedAt) {
        // Commands that wait for the same read share its result.
        current = await states.refresh(stream, current);
        continue;
      }
      if (unchecked !== undefined && (isRefusal(decision) || !appendsNothing)) {
        await unchecked();
        unchecked = undefined;
      }
      if (appendsNothing) return unchangedOrRefused(decision, current);

      try {
        const events = encodeEvents(codecOf(stream.events), name, decision, identity, context);
        const expected = current.revision ?? "no_stream";
        const appended = await appendSafely(eventStore, name, expected, events, repeatPausesMs);
        const eventId = events.at(-1)?.id ?? null;
        const { folded, written } = foldAppended(stream.decider, current, decision, { identity, appended, eventId });
        states.keep(stream, folded);
        return resultOf(name, written, "appended");
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        await afterConflict(name, ++conflicts, error);
        current = await states.readUpTo(stream, current, error.actual);
      }
    }
  }

  /** Pauses before a command is decided again, at random and longer after each conflict. Rejects with StreamBusy after too many. */
  async function afterConflict(stream: string, conflicts: number, { actual }: WrongExpectedRevision): Promise<void> {
    logger.debug({ stream, conflicts, actual: String(actual) }, "conflict with another writer");
    if (conflicts > maxConflicts) throw new StreamBusy(`${stream} has other writers: ${conflicts} conflicts`);
    if (conflicts > 1) await sleep(Math.random() * 2 ** Math.min(conflicts, 7));
  }

  const handleCommand: HandleCommand = (stream, id, command, context, { precondition } = {}) => {
    const name = nameOf(stream, id);
    const arrived = { name, command, context, precondition, arrivedAt: states.arrive() };
    return keyedMutex(name, () =>
      handle(stream, arrived).catch((error: unknown) => {
        // The state of a deleted stream must not be cached, nor one that may lack an event, or have one that is not in the log.
        if (error instanceof StreamDeleted) states.forget(name);
        if (error instanceof OutcomeUnknown) {
          states.drop(name);
          logger.warn({ stream: name, err: error }, "the outcome of a command stays unknown");
        }
        throw error;
      }),
    );
  };
  return Object.assign(handleCommand, { forget: states.forget });
}

function isPreparedLater<Command extends NamedCommand>(
  command: Command | PreparedLater<Command>,
): command is PreparedLater<Command> {
  return "prepare" in command;
}
