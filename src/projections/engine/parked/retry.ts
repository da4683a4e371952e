import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import type { EventStore, RecordedEvent } from "../../../event-store/types.ts";
import { foldIntoRows } from "../apply/applyBatch.ts";
import { classifyFailure } from "../apply/classifyFailure.ts";
import type { Build } from "../core/build.ts";
import { maxErrorLength } from "../core/parkingLimits.ts";
import { readSkips } from "../log/skips.ts";
import type { ParkedKeyRef, PartitionSession } from "../ports/readModelStore.ts";
import type { Signal } from "../transport/signals.ts";
import { type KeylessEvents, openKeylessEvents } from "./keylessEvents.ts";
import { planRetry, type ReadLog } from "./planRetry.ts";
import { type FoldDependencies, findRefusal, type Refusal } from "./tryFold.ts";

export type RetryDependencies = FoldDependencies & {
  readonly eventStore: Pick<EventStore, "readStream" | "readAll" | "readLogEnd">;
  /** Publishes a signal, so that caches and waiting queries notice the change. */
  readonly publish: (signal: Signal) => Promise<void>;
};

/** The result for a key in one partition: the numbers of events applied, skipped, and still parked. */
export type Retried = {
  readonly build: string;
  readonly partition: number;
  readonly key: string;
  readonly folded: number;
  readonly skipped: number;
  readonly left: number;
  /** Why the first remaining event is refused; null if none remains. */
  readonly error: string | null;
};

/** Maximum number of restarts of a retry because something else changed the parked events. */
const maxAttempts = 10;

/**
 * Applies the parked events of a key to the rows, in order and without skipped ones, in every partition that parks the key. Events
 * without a key that the partition has passed meanwhile (an erasure) are applied among them to the rows of the key once more. If
 * an event is still refused, the events before it are applied; it stays parked, with its new error, and so do all events behind
 * it. `keyless` may serve several retries. Empty if the build does not park the key. Rejects with UnknownEvent, or when a store
 * fails; the key is then unchanged.
 */
export async function retryParked(
  dependencies: RetryDependencies,
  build: Build,
  key: string,
  keyless: KeylessEvents = openKeylessEvents(dependencies.eventStore, build.readModel),
): Promise<readonly Retried[]> {
  const { store, eventStore, codec } = dependencies;
  const retried: Retried[] = [];
  for (const parked of await store.parkedKeys(build)) {
    if (parked.key !== key) continue;
    // Read for each partition: a later skip is followed by its own retry.
    const skips = await readSkips(eventStore, codec, build.readModel.name);
    const result = await retryInPartition(dependencies, build, parked, { skips, keyless });
    if (result !== undefined) retried.push(result);
  }
  return retried;
}

async function retryInPartition(
  dependencies: RetryDependencies,
  build: Build,
  { partition, key, position: first }: ParkedKeyRef,
  log: ReadLog,
): Promise<Retried | undefined> {
  const { store, codec, publish } = dependencies;
  const inPartition = <Result>(work: (session: PartitionSession) => Promise<Result>) =>
    store.inPartition(build, partition, work);
  // Before the partition is locked, where little is left to read.
  const passed = (await store.checkpoints(build))[partition];
  if (passed !== undefined) await log.keyless.between(first, passed.position);
  let refusal: Refusal | undefined;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const done = await inPartition((session) => foldBefore(session, refusal));
      if (done !== undefined) await publish(done.changed);
      return done?.retried;
    } catch (error) {
      if (classifyFailure(store, error) !== "refused") throw error;
      const { tried, seenBy } = await inPartition((session) => planRetry(session, build, key, log, refusal));
      refusal = await findRefusal(dependencies, build, partition, tried, seenBy);
    }
  }
  throw new Error(`the parked events of ${key} in ${build.name} change while they are retried; try again`);

  /** Applies the events before the refused one, or all, and leaves the others parked, in one session so that none is lost. */
  async function foldBefore(session: PartitionSession, refused: Refusal | undefined) {
    const { parked, wanted, tried, left, seenBy } = await planRetry(session, build, key, log, refused);
    if (parked.length === 0) return undefined;
    const error = left.length === 0 ? null : (refused?.error.slice(0, maxErrorLength) ?? null);
    await foldIntoRows(seenBy(session), codec, build, tried);
    await session.unpark(
      key,
      left.map((event, index) => ({ key, event, error: index === 0 ? error : null })),
    );
    await session.leaveOut(parked.filter(({ id }) => log.skips.has(id)).map(({ id }) => id));
    const { position, eventId } = session.checkpoint;
    await session.advance({ position, eventId });
    const parkedKeys = [...(await session.parkedKeys()).keys()];
    const keys = keysOf(build, parked);
    const changed: Signal = { kind: "changed", build: build.name, partition, position, eventId, keys, parkedKeys };
    const counts = {
      folded: wanted.length - left.length,
      skipped: parked.length - wanted.length,
      left: left.length,
    };
    return { changed, retried: { build: build.name, partition, key, ...counts, error } };
  }
}

/** The partition keys whose rows the events may change; undefined: any, because an event has no key. */
function keysOf({ readModel }: Build, events: readonly RecordedEvent[]): readonly string[] | undefined {
  const keys = events.map(({ stream, data }) => partitionKeyOf(readModel.partitionKey, stream, data));
  return keys.includes(undefined) ? undefined : [...new Set(keys as string[])];
}
