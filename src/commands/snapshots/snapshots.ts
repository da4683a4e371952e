import { LRUCache } from "lru-cache";
import type { StateCodec } from "../../domain/decider.ts";
import type { Logger } from "../../platform/logger.ts";
import { withTimeout } from "../../platform/withTimeout.ts";
import type { StreamState } from "../streamState.ts";
import { createBackground } from "./background.ts";
import type { SnapshotStore } from "./snapshotStore.ts";
import { fromSnapshotText, snapshotText, versionOf } from "./snapshotText.ts";

/** A stream folded up to `revision`; valid only if the event at that revision has this id. */
export type Snapshot<State> = {
  readonly state: StreamState<State>;
  readonly revision: bigint;
  readonly eventId: string;
};

/** Snapshots of long streams. An optimisation: no method throws or rejects, and any snapshot may be missing. */
export type Snapshots = {
  /** The stream's snapshot, if there is one of this version and the store answers in time. */
  load<State>(stream: string, codec: StateCodec<State>): Promise<Snapshot<State> | undefined>;
  /** Saves the state in the background once `snapshotEvery` events were appended since the last snapshot. */
  offer<State>(state: StreamState<State>, codec: StateCodec<State>): void;
  /** Deletes a snapshot whose event is not the stream's. */
  reject(stream: string, revision: bigint, eventId: string): void;
  /** Deletes the snapshot of a deleted stream. */
  drop(stream: string): void;
  /** Resolves when all pending work has ended. */
  idle(): Promise<void>;
};

export type SnapshotEvent = "used" | "missing" | "unreadable" | "rejected" | "saved" | "older" | "shed" | "failed";

/** A cold load folds at most twice this many events; each event costs its share of writing a state. */
const snapshotEvery = 500n;
/** The time limit of a lookup, and for how long none is tried after a failure. */
const lookupTimeoutMs = 250;
const retryAfterMs = 1_000;
/** Streams whose last snapshot is remembered; for others the next command saves one again. */
const rememberedStreams = 20_000;

/** The snapshots of one process, in `store`. `count` receives the outcome of each lookup and write. */
export function createSnapshots(options: {
  readonly store: SnapshotStore;
  readonly logger: Logger;
  readonly count?: (event: SnapshotEvent) => void;
}): Snapshots {
  const { store, logger, count = () => {} } = options;
  const keptAt = new LRUCache<string, { readonly revision: bigint }>({ max: rememberedStreams });
  const failed = (error: unknown, stream: string) => {
    count("failed");
    logger.warn({ stream, err: error }, "cannot read or write snapshots of streams");
  };
  const background = createBackground(failed);
  let restUntil = 0;

  return {
    async load(stream, codec) {
      if (Date.now() < restUntil) return undefined;
      try {
        const found = await withTimeout(store.find(stream, versionOf(codec)), lookupTimeoutMs);
        if (found === undefined) {
          count("missing");
          return undefined;
        }
        const { revision, eventId, body } = found;
        const state = readable(() => fromSnapshotText(stream, { revision, eventId }, body, codec));
        if (state === undefined) {
          count("unreadable");
          background(stream, () => store.delete(stream, found));
          return undefined;
        }
        count("used");
        keptAt.set(stream, { revision });
        return { state, revision, eventId };
      } catch (error) {
        restUntil = Date.now() + retryAfterMs;
        failed(error, stream);
        return undefined;
      }
    },

    offer(state, codec) {
      const { stream, revision, eventId } = state;
      if (revision === null || revision - (keptAt.get(stream)?.revision ?? -1n) < snapshotEvery) return;
      if (eventId === null) return;
      keptAt.set(stream, { revision });
      // The known commands continue to change in place.
      const kept = { ...state, known: state.known.copy() };
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

function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
