import { LRUCache } from "lru-cache";
import type { StateCodec } from "../../domain/decider.ts";
import { inTime } from "../../platform/inTime.ts";
import type { Logger } from "../../platform/logger.ts";
import { eventIdOf } from "../eventIds.ts";
import type { StreamState } from "../streamState.ts";
import { createBackground } from "./background.ts";
import type { SnapshotStore } from "./snapshotStore.ts";
import { fromSnapshotText, snapshotText, versionOf } from "./snapshotText.ts";

/** A stream as folded up to `revision`, true only if the event of that revision has this id. */
export type Snapshot<State> = {
  readonly state: StreamState<State>;
  readonly revision: bigint;
  readonly eventId: string;
};

/**
 * The kept states of long streams. Nothing rests on them: none of these throws or rejects, and any snapshot may be missing.
 */
export type Snapshots = {
  /** The stream's snapshot, if there is one that this program can read and it is answered in time. */
  load<State>(stream: string, codec: StateCodec<State>): Promise<Snapshot<State> | undefined>;
  /** Keeps the state later, when `snapshotEvery` events have come since the last. */
  offer<State>(state: StreamState<State>, codec: StateCodec<State>): void;
  /** Deletes a snapshot whose event is not the stream's. */
  reject(stream: string, revision: bigint, eventId: string): void;
  /** Deletes the snapshot of a stream that is deleted. */
  drop(stream: string): void;
  /** Resolves when all that was begun has ended. */
  idle(): Promise<void>;
};

export type SnapshotEvent = "used" | "missing" | "unreadable" | "rejected" | "saved" | "older" | "shed" | "failed";

/** A cold load folds fewer events than twice this many; each of them costs its share of a state that is written. */
const snapshotEvery = 500n;
/** How long a lookup may take, and for how long none is made after one that failed. */
const lookupMs = 250;
const restMs = 1_000;
/** Streams whose last snapshot is remembered; of one that is forgotten the next command keeps it once more. */
const rememberedStreams = 20_000;

/** Snapshots of one process in `store`; `count` is told what became of each lookup and each write. */
export function createSnapshots(options: {
  readonly store: SnapshotStore;
  readonly logger: Logger;
  readonly count?: (event: SnapshotEvent) => void;
}): Snapshots {
  const { store, logger, count = () => {} } = options;
  const keptAt = new LRUCache<string, { readonly revision: bigint }>({ max: rememberedStreams });
  const failed = (error: unknown, stream: string) => {
    count("failed");
    logger.warn({ stream, err: error }, "the snapshots of streams do not answer");
  };
  const background = createBackground(failed);
  let restUntil = 0;

  return {
    async load(stream, codec) {
      if (Date.now() < restUntil) return undefined;
      try {
        const found = await inTime(store.find(stream, versionOf(codec)), lookupMs);
        if (found === undefined) {
          count("missing");
          return undefined;
        }
        const { revision, eventId, body } = found;
        const state = readable(() => fromSnapshotText(stream, revision, body, codec));
        if (state === undefined) {
          count("unreadable");
          background(stream, () => store.delete(stream, found));
          return undefined;
        }
        count("used");
        keptAt.set(stream, { revision });
        return { state, revision, eventId };
      } catch (error) {
        restUntil = Date.now() + restMs;
        failed(error, stream);
        return undefined;
      }
    },

    offer(state, codec) {
      const { stream, revision } = state;
      if (revision === null || revision - (keptAt.get(stream)?.revision ?? -1n) < snapshotEvery) return;
      const eventId = lastEventId(state);
      if (eventId === undefined) return;
      keptAt.set(stream, { revision });
      // What is known goes on growing in place.
      const kept = { ...state, known: new Map(state.known) };
      const begun = background(stream, async () => {
        const version = versionOf(codec);
        const written = await store.put({ stream, version, revision, eventId, body: snapshotText(kept, codec) });
        count(written ? "saved" : "older");
      });
      if (!begun) count("shed");
    },

    reject(stream, revision, eventId) {
      count("rejected");
      keptAt.delete(stream);
      background(stream, () => store.delete(stream, { revision, eventId }));
    },

    drop(stream) {
      keptAt.delete(stream);
      background(stream, () => store.delete(stream));
    },

    idle: () => background.idle(),
  };
}

/** The id of the stream's last event, if a command wrote it that is remembered. */
function lastEventId({ stream, revision, known }: StreamState<unknown>): string | undefined {
  const [last] = [...known].slice(-1);
  if (last === undefined || last[1].revision !== revision) return undefined;
  const [commandId, { hash, types }] = last;
  return eventIdOf(stream, { commandId, commandHash: hash }, types.length - 1);
}

function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
