import { setTimeout as sleep } from "node:timers/promises";
import { type Decider, isRefusal } from "../domain/decider.ts";
import type { DomainEvent, EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import { nameOf } from "../domain/streamNames.ts";
import type { RefusalCode } from "../domain/streams.ts";
import { type Codec, codecOf } from "../event-store/codec.ts";
import { OutcomeUnknown, StreamDeleted, WrongExpectedRevision } from "../event-store/errors.ts";
import type { EventStore, EventToAppend } from "../event-store/types.ts";
import type { Logger } from "../platform/logger.ts";
import { appendSafely } from "./appendSafely.ts";
import { type CommandIdentity, identityOf, requireSameCommand } from "./commandIdentity.ts";
import { StreamBusy } from "./errors.ts";
import { eventIdOf } from "./eventIds.ts";
import { createKeyedMutex } from "./keyedMutex.ts";
import { loadStream, readOlderCommand, readUpTo, refresh } from "./loadStream.ts";
import { resultOf, unchangedOrRefused } from "./results.ts";
import type { Snapshots } from "./snapshots/snapshots.ts";
import { createStateCache } from "./stateCache.ts";
import { foldAppended, type StreamState } from "./streamState.ts";
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

type Snapshotting<State> = Pick<Decider<State, never, never>, "snapshot">;

/** Creates a process's HandleCommand. It caches stream states and runs the commands of one stream in order. */
export function createHandleCommand(options: HandleCommandOptions): CachingHandleCommand {
  const { eventStore, logger, snapshots, cacheBytes = 64 * 1024 * 1024 } = options;
  const { repeatPausesMs = [100, 300, 900], maxConflicts = 10 } = options;
  const cache = createStateCache(cacheBytes);
  const keyedMutex = createKeyedMutex();
  /** A logical clock of this process, which orders the arrivals of commands and the beginnings of reads. */
  let clock = 0;

  /**
   * Runs one command. An answer without an append, that nothing has to change or a refusal, must be fresh: it is given only from a
   * state whose last read began after the command had arrived. An append needs no such read, because the event store compares its exact
   * revision. Without one, another process may have written since, and the client would be told of a state that it knows to be over.
   */
  async function handle<
    State,
    Command extends NamedCommand,
    Definitions extends EventDefinitions,
    Code extends RefusalCode,
  >(
    { decider, events, window }: Stream<State, Command, Definitions, Code>,
    stream: string,
    command: Command | PreparedLater<Command>,
    context: CommandContext,
    { require }: CommandOptions,
    arrivedAt: number,
  ): Promise<CommandResult> {
    const codec = codecOf(events);
    const reader = { eventStore, codec, snapshots, window };
    const identity = identityOf(stream, isPreparedLater(command) ? command.name : command.type, context);
    // Under a stream's name the cache has only states of that stream's decider.
    const cached = cache.get(stream) as StreamState<State> | undefined;
    let current = cached ?? (await read(decider, () => loadStream(reader, decider, stream)));
    let isMet = require === undefined;
    let decided = isPreparedLater(command) ? undefined : command;
    for (let conflicts = 0; ; ) {
      const { commandId } = identity;
      const found = current.known.find(commandId) ?? readOlderCommand(reader, current, commandId);
      // Awaited only if it is read: a new command is decided in the same turn.
      const earlier = found instanceof Promise ? await found : found;
      if (earlier !== undefined) {
        requireSameCommand(earlier.hash, identity, context);
        return resultOf(stream, earlier, "repeated");
      }

      decided ??= await (command as PreparedLater<Command>).prepare();
      const decision = decider.decide(decided, current.state);
      const appendsNothing = isRefusal(decision) || decision.length === 0;
      const isFresh = current.readAt >= arrivedAt;
      if (appendsNothing && !isFresh) {
        // Commands that wait for the same read share its result.
        const before = current;
        current = await read(decider, () => refresh(reader, decider, before));
        continue;
      }
      const isUnchanged = appendsNothing && !isRefusal(decision);
      if (!isMet && !isUnchanged) {
        await require?.();
        isMet = true;
      }
      if (appendsNothing) return unchangedOrRefused(decision, current);

      try {
        const encoded = encode(codec, stream, decision, identity, context);
        const appended = await appendSafely(
          eventStore,
          stream,
          current.revision ?? "no_stream",
          encoded,
          repeatPausesMs,
        );
        const { folded, written } = foldAppended(
          decider,
          current,
          decision,
          identity,
          appended,
          encoded.at(-1)?.id ?? null,
        );
        keep(decider, folded);
        return resultOf(stream, written, "appended");
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        conflicts += 1;
        logger.debug({ stream, conflicts, actual: String(error.actual) }, "conflict with another writer");
        if (conflicts > maxConflicts) throw new StreamBusy(`${stream} has other writers: ${conflicts} conflicts`);
        if (conflicts > 1) await sleep(Math.random() * 2 ** Math.min(conflicts, 7));
        const before = current;
        current = await read(decider, () => readUpTo(reader, decider, before, error.actual));
      }
    }
  }

  function encode<Event extends DomainEvent>(
    codec: Codec<Event>,
    stream: string,
    decision: readonly Event[],
    identity: CommandIdentity,
    { correlationId, occurredAt, deviceId, traceparent, correction }: CommandContext,
  ): readonly EventToAppend[] {
    const { commandId, commandHash } = identity;
    const causationId = commandId;
    const metadata = {
      commandId,
      commandHash,
      correlationId,
      causationId,
      occurredAt,
      deviceId,
      traceparent,
      correction,
    };
    return decision.map((event, index) =>
      codec.encode(event, eventIdOf(stream, identity, index, event.data), metadata),
    );
  }

  async function read<State>(decider: Snapshotting<State>, reading: () => Promise<StreamState<State>>) {
    const readAt = ++clock;
    return keep(decider, { ...(await reading()), readAt });
  }

  function keep<State>({ snapshot }: Snapshotting<State>, current: StreamState<State>): StreamState<State> {
    cache.set(current);
    if (snapshot !== undefined) snapshots?.offer(current, snapshot);
    return current;
  }

  const forget = (stream: string) => {
    cache.drop(stream);
    snapshots?.drop(stream);
  };

  const handleCommand: HandleCommand = (stream, id, command, context, options = {}) => {
    const name = nameOf(stream, id);
    const arrivedAt = ++clock;
    return keyedMutex(name, () =>
      handle(stream, name, command, context, options, arrivedAt).catch((error: unknown) => {
        // The state of a deleted stream must not be cached, nor one that may lack an event, or have one that is not in the log.
        if (error instanceof StreamDeleted) forget(name);
        if (error instanceof OutcomeUnknown) {
          cache.drop(name);
          logger.warn({ stream: name, err: error }, "the outcome of a command stays unknown");
        }
        throw error;
      }),
    );
  };
  return Object.assign(handleCommand, { forget });
}

function isPreparedLater<Command extends NamedCommand>(
  command: Command | PreparedLater<Command>,
): command is PreparedLater<Command> {
  return "prepare" in command;
}
