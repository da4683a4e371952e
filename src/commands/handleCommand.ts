import { setTimeout as sleep } from "node:timers/promises";
import { type Decider, isRefusal } from "../domain/decider.ts";
import type { HeimaEvent } from "../domain/events.ts";
import { type Codec, createCodec } from "../event-store/codec.ts";
import { OutcomeUnknown, StreamDeleted, WrongExpectedRevision } from "../event-store/errors.ts";
import type { Appended, EventStore } from "../event-store/types.ts";
import type { Logger } from "../platform/logger.ts";
import { appendSafely } from "./appendSafely.ts";
import { CommandRefused, StreamBusy } from "./errors.ts";
import { eventIdOf } from "./eventIds.ts";
import { createKeyedMutex } from "./keyedMutex.ts";
import { findCommand } from "./knownCommands.ts";
import { loadStream, readOn, readUpTo } from "./loadStream.ts";
import { earlierResult, unchangedResult } from "./results.ts";
import type { Snapshots } from "./snapshots/snapshots.ts";
import { createStateCache } from "./stateCache.ts";
import { foldAppended, type StreamState } from "./streamState.ts";
import type { CommandContext, CommandResult, HandleCommand } from "./types.ts";

export type HandleCommandOptions = {
  readonly eventStore: Pick<EventStore, "append" | "readStream">;
  readonly logger: Logger;
  readonly codec?: Codec;
  /** The bytes that the cache of folded streams may take, estimated. */
  readonly cacheBytes?: number;
  /** Where states of long streams are kept; without it each process folds them from their beginning. */
  readonly snapshots?: Snapshots | undefined;
  /** The pauses before an append whose outcome is unknown is repeated; their number is that of the repeats. */
  readonly repeatPausesMs?: readonly number[];
  /** How many conflicts one command bears before it gives up with StreamBusy. */
  readonly maxConflicts?: number;
};

/** Makes the one HandleCommand of a process: it keeps the folded streams and their order. */
export function createHandleCommand(options: HandleCommandOptions): HandleCommand {
  const { eventStore, logger, snapshots, codec = createCodec(), cacheBytes = 64 * 1024 * 1024 } = options;
  const { repeatPausesMs = [100, 300, 900], maxConflicts = 10 } = options;
  const cache = createStateCache(cacheBytes);
  const keyedMutex = createKeyedMutex();
  const reader = { eventStore, codec, snapshots };

  async function handle<State, Command, Event extends HeimaEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
    command: Command,
    context: CommandContext,
  ): Promise<CommandResult> {
    const cached = cache.get(stream) as StreamState<State> | undefined;
    let current = cached ?? keep(decider, await loadStream(reader, decider, stream));
    let mayBeStale = cached !== undefined;
    for (let conflicts = 0; ; ) {
      const earlier = findCommand(current.known, context);
      if (earlier !== undefined) return earlierResult(stream, earlier);

      const decision = decider.decide(command, current.state);
      if (isRefusal(decision) || decision.length === 0) {
        if (mayBeStale) {
          current = keep(decider, await readOn(reader, decider, current));
          mayBeStale = false;
          continue;
        }
        if (isRefusal(decision)) throw new CommandRefused(decision.refused, decision.detail);
        return unchangedResult(current);
      }

      try {
        const appended = await write(current, decision, context);
        current = keep(decider, foldAppended(decider, current, decision, context, appended));
        return earlierResult(stream, current.known.get(context.commandId)!);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        conflicts += 1;
        logger.debug({ stream, conflicts, actual: String(error.actual) }, "conflict with another writer");
        if (conflicts > maxConflicts) throw new StreamBusy(`${stream} has other writers: ${conflicts} conflicts`);
        if (conflicts > 1) await sleep(Math.random() * 2 ** Math.min(conflicts, 7));
        current = keep(decider, await readUpTo(reader, decider, current, error.actual));
        mayBeStale = false;
      }
    }
  }

  /** Appends at the exact revision that was decided on. After an unknown outcome the folded state is worth nothing. */
  async function write(
    current: StreamState<unknown>,
    decision: readonly HeimaEvent[],
    context: CommandContext,
  ): Promise<Appended> {
    const { stream, revision } = current;
    const { commandId, commandHash, correlationId, occurredAt, deviceId, traceparent } = context;
    const causationId = commandId;
    const metadata = { commandId, commandHash, correlationId, causationId, occurredAt, deviceId, traceparent };
    const events = decision.map((event, index) => codec.encode(event, eventIdOf(stream, context, index), metadata));
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

  function keep<State>(
    { snapshot }: Pick<Decider<State, never, never>, "snapshot">,
    current: StreamState<State>,
  ): StreamState<State> {
    cache.set(current);
    if (snapshot !== undefined) snapshots?.offer(current, snapshot);
    return current;
  }

  return (decider, stream, command, context) =>
    keyedMutex(stream, () =>
      handle(decider, stream, command, context).catch((error: unknown) => {
        // What was erased must not stay.
        if (error instanceof StreamDeleted) {
          cache.drop(stream);
          snapshots?.drop(stream);
        }
        throw error;
      }),
    );
}
