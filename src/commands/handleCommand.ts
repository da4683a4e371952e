import { setTimeout as sleep } from "node:timers/promises";
import { type Decider, isRefusal } from "../domain/decider.ts";
import type { DomainEvent, EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import { nameOf } from "../domain/streamNames.ts";
import type { RefusalCode } from "../domain/streams.ts";
import { type Codec, codecOf } from "../event-store/codec.ts";
import { OutcomeUnknown, StreamDeleted, WrongExpectedRevision } from "../event-store/errors.ts";
import type { Appended, EventStore } from "../event-store/types.ts";
import type { Logger } from "../platform/logger.ts";
import { appendSafely } from "./appendSafely.ts";
import { type CommandIdentity, identityOf } from "./commandIdentity.ts";
import { CommandRefused, StreamBusy } from "./errors.ts";
import { eventIdOf } from "./eventIds.ts";
import { createKeyedMutex } from "./keyedMutex.ts";
import { findCommand } from "./knownCommands.ts";
import { loadStream, readOn, readUpTo } from "./loadStream.ts";
import { earlierResult, unchangedResult } from "./results.ts";
import type { Snapshots } from "./snapshots/snapshots.ts";
import { createStateCache } from "./stateCache.ts";
import { foldAppended, type StreamState } from "./streamState.ts";
import type { CommandContext, CommandOptions, CommandResult, HandleCommand } from "./types.ts";

export type HandleCommandOptions = {
  readonly eventStore: Pick<EventStore, "append" | "readStream">;
  readonly logger: Logger;
  /** The maximum size of the cache of folded streams in bytes, estimated. */
  readonly cacheBytes?: number;
  /** Snapshots of long streams; without them each process folds a stream from its beginning. */
  readonly snapshots?: Snapshots | undefined;
  /** The pauses before each retry of an append whose outcome is unknown; their number is the number of retries. */
  readonly repeatPausesMs?: readonly number[];
  /** The number of conflicts after which a command fails with StreamBusy. */
  readonly maxConflicts?: number;
};

type Keeping<State> = Pick<Decider<State, never, never>, "snapshot">;

/** Creates the HandleCommand of a process: it has the cache of folded streams, and runs commands of a stream in order. */
export function createHandleCommand(options: HandleCommandOptions): HandleCommand {
  const { eventStore, logger, snapshots, cacheBytes = 64 * 1024 * 1024 } = options;
  const { repeatPausesMs = [100, 300, 900], maxConflicts = 10 } = options;
  const cache = createStateCache(cacheBytes);
  const keyedMutex = createKeyedMutex();
  /** A logical clock of this process: it tells whether a read began after a command arrived. */
  let clock = 0;

  async function handle<
    State,
    Command extends NamedCommand,
    Definitions extends EventDefinitions,
    Code extends RefusalCode,
  >(
    { decider, events, window }: Stream<State, Command, Definitions, Code>,
    stream: string,
    command: Command,
    context: CommandContext,
    { require }: CommandOptions,
    arrivedAt: number,
  ): Promise<CommandResult> {
    const codec = codecOf(events);
    const reader = { eventStore, codec, snapshots, window };
    const read = async (reading: () => Promise<StreamState<State>>) => {
      const readAt = ++clock;
      return keep(decider, { ...(await reading()), readAt });
    };
    const identity = identityOf(stream, command.type, context);
    // The cache has, under a stream's name, only states of that stream's decider.
    const cached = cache.get(stream) as StreamState<State> | undefined;
    let current = cached ?? (await read(() => loadStream(reader, decider, stream)));
    let isMet = require === undefined;
    for (let conflicts = 0; ; ) {
      const earlier = findCommand(current.known, identity, context);
      if (earlier !== undefined) return earlierResult(stream, earlier);

      const decision = decider.decide(command, current.state);
      if (isRefusal(decision) || decision.length === 0) {
        // Commands that waited for the same read share it.
        if (current.readAt < arrivedAt) {
          const before = current;
          current = await read(() => readOn(reader, decider, before));
          continue;
        }
      }
      if (!isRefusal(decision) && decision.length === 0) return unchangedResult(current);
      if (!isMet) {
        await require?.();
        isMet = true;
      }
      if (isRefusal(decision)) throw new CommandRefused(decision.refused, decision.detail);

      try {
        const appended = await write(codec, current, decision, identity, context);
        current = keep(decider, foldAppended(decider, current, decision, identity, appended));
        return earlierResult(stream, current.known.get(identity.commandId)!);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        conflicts += 1;
        logger.debug({ stream, conflicts, actual: String(error.actual) }, "conflict with another writer");
        if (conflicts > maxConflicts) throw new StreamBusy(`${stream} has other writers: ${conflicts} conflicts`);
        if (conflicts > 1) await sleep(Math.random() * 2 ** Math.min(conflicts, 7));
        const before = current;
        current = await read(() => readUpTo(reader, decider, before, error.actual));
      }
    }
  }

  /** Appends at the exact revision of the state. Drops the cached state if the outcome is unknown. */
  async function write<Event extends DomainEvent>(
    codec: Codec<Event>,
    current: StreamState<unknown>,
    decision: readonly Event[],
    identity: CommandIdentity,
    { correlationId, occurredAt, deviceId, traceparent }: CommandContext,
  ): Promise<Appended> {
    const { stream, revision } = current;
    const { commandId, commandHash } = identity;
    const causationId = commandId;
    const metadata = { commandId, commandHash, correlationId, causationId, occurredAt, deviceId, traceparent };
    const events = decision.map((event, index) => codec.encode(event, eventIdOf(stream, identity, index), metadata));
    try {
      return await appendSafely(eventStore, stream, revision ?? "no_stream", events, repeatPausesMs);
    } catch (error) {
      if (error instanceof OutcomeUnknown) {
        cache.drop(stream);
        logger.warn({ stream, err: error }, "the outcome of an append stays unknown");
      }
      throw error;
    }
  }

  function keep<State>({ snapshot }: Keeping<State>, current: StreamState<State>): StreamState<State> {
    cache.set(current);
    if (snapshot !== undefined) snapshots?.offer(current, snapshot);
    return current;
  }

  return (stream, id, command, context, options = {}) => {
    const name = nameOf(stream, id);
    const arrivedAt = ++clock;
    return keyedMutex(name, () =>
      handle(stream, name, command, context, options, arrivedAt).catch((error: unknown) => {
        // The state of an erased stream must not be kept.
        if (error instanceof StreamDeleted) {
          cache.drop(name);
          snapshots?.drop(name);
        }
        throw error;
      }),
    );
  };
}
