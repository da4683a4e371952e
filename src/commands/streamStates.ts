import type { EventDefinitions, EventOf } from "../domain/event.ts";
import { codecOf } from "../event-store/codec.ts";
import type { EventStore } from "../event-store/types.ts";
import { readUpTo, refresh } from "./catchUp.ts";
import type { KnownCommand } from "./knownCommands.ts";
import { type Folding, loadStream } from "./loadStream.ts";
import { readOlderCommand } from "./olderCommands.ts";
import type { Snapshots } from "./snapshots/snapshots.ts";
import { createStateCache } from "./stateCache.ts";
import type { StreamState } from "./streamState.ts";

/** The parts of a stream's declaration that are needed to read it. */
type Declared<State, Definitions extends EventDefinitions> = {
  readonly events: Definitions;
  readonly window?: number | undefined;
  readonly decider: Folding<State, EventOf<Definitions>>;
};

/**
 * The folded streams of one process: cached, or read from a snapshot and the event store. A logical clock orders the arrivals of commands
 * and the beginnings of reads (`readAt` of a state). `cacheBytes` is the maximum size of the cache (estimated). Reads reject like those
 * of ./loadStream.ts and ./catchUp.ts.
 */
export function createStreamStates(options: {
  readonly eventStore: Pick<EventStore, "append" | "readStream">;
  readonly snapshots?: Snapshots | undefined;
  readonly cacheBytes: number;
}) {
  const { eventStore, snapshots, cacheBytes } = options;
  const cache = createStateCache(cacheBytes);
  let clock = 0;

  const readerOf = <Definitions extends EventDefinitions>({ events, window }: Declared<unknown, Definitions>) => {
    return { eventStore, codec: codecOf(events), snapshots, window };
  };

  async function read<State>(
    declared: Declared<State, EventDefinitions>,
    reading: () => Promise<StreamState<State>>,
  ): Promise<StreamState<State>> {
    const readAt = ++clock;
    return keep(declared, { ...(await reading()), readAt });
  }

  /** Caches a state, and offers it as a snapshot. */
  function keep<State>(
    { decider: { snapshot } }: { readonly decider: Pick<Folding<State, never>, "snapshot"> },
    current: StreamState<State>,
  ): StreamState<State> {
    cache.set(current);
    if (snapshot !== undefined) snapshots?.offer(current, snapshot);
    return current;
  }

  return {
    /** The moment at which a command arrives, by the logical clock. */
    arrive: () => ++clock,

    /** The state of the stream `name` that is in memory, if any. */
    cached<State>(name: string): StreamState<State> | undefined {
      // Under a stream's name the cache has only states of that stream's decider.
      return cache.get(name) as StreamState<State> | undefined;
    },

    load: <State, Definitions extends EventDefinitions>(declared: Declared<State, Definitions>, name: string) =>
      read(declared, () => loadStream(readerOf(declared), declared.decider, name)),

    /** Brings a state up to date. */
    refresh: <State, Definitions extends EventDefinitions>(
      declared: Declared<State, Definitions>,
      current: StreamState<State>,
    ) => read(declared, () => refresh(readerOf(declared), declared.decider, current)),

    /** Reads up to the revision that a conflict reported. */
    readUpTo: <State, Definitions extends EventDefinitions>(
      declared: Declared<State, Definitions>,
      current: StreamState<State>,
      revision: bigint | "no_stream",
    ) => read(declared, () => readUpTo(readerOf(declared), declared.decider, current, revision)),

    /** Finds the events that an earlier command with this id wrote; a Promise only if the stream must be read for it. */
    findCommand<State, Definitions extends EventDefinitions>(
      declared: Declared<State, Definitions>,
      current: StreamState<State>,
      commandId: string,
    ): KnownCommand | Promise<KnownCommand | undefined> | undefined {
      return current.known.find(commandId) ?? readOlderCommand(readerOf(declared), current, commandId);
    },

    keep,

    /** Drops a state that may lack an event, or have one that is not in the log. */
    drop: (name: string) => cache.drop(name),

    /** Drops the state of a deleted stream, and its snapshot. */
    forget(name: string): void {
      cache.drop(name);
      snapshots?.drop(name);
    },
  };
}
