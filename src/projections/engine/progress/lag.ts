import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import { InvalidPosition } from "../../../event-store/errors.ts";
import type { EventStore } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { concernOf } from "../core/concern.ts";
import { subscribedCategories } from "../core/declaration.ts";
import { partitionOf } from "../core/partition.ts";
import { highestPosition, lowestPosition } from "../core/positions.ts";
import { defaultTiming } from "../timing.ts";

/** The maximum number of events read for one build: a backlog is counted up to here. */
export const maxEventsCounted = 5_000;

/**
 * The backlog of a partition: how many of its own events are not applied, and how long the first of them has been in the log.
 * With `more` the log was not read to its end, so that `events` is a lower bound.
 */
export type Lag = { readonly events: number; readonly seconds: number; readonly more: boolean };

/**
 * The backlog of a build. `head`: the position of the last event of the build's categories, null if it was not reached.
 */
export type BuildLag = { readonly head: bigint | null; readonly partitions: readonly Lag[] };

export type LagCounter = {
  /**
   * Counts the events above each partition's checkpoint. Reads the log, filtered, to its end, from the lowest
   * checkpoint or from where an earlier count found no waiting event, so that a quiet build does not cost a read of the
   * whole log each time. A read counts as complete up to an end of the log only if that end was known for
   * `Timing.logLag` when the read began (rule 5a). `now` in milliseconds. Rejects when the log cannot be read, or with
   * the reason of `signal` if no event has arrived before.
   */
  count(
    build: Pick<Build, "name" | "readModel" | "partitions">,
    checkpoints: readonly bigint[],
    now: number,
    signal: AbortSignal,
  ): Promise<BuildLag>;
  /** Forgets all builds but these. */
  keepOnly(builds: ReadonlySet<string>): void;
};

/** `lagMs`: see `Timing.logLag`, the default. */
export function createLagCounter(
  eventStore: Pick<EventStore, "readAll" | "readLogEnd">,
  lagMs = defaultTiming.logLag,
): LagCounter {
  /** By build: when its lowest checkpoint was `checkpoint`, no event up to `end` waited. */
  const clear = new Map<string, { readonly checkpoint: bigint; readonly end: bigint }>();
  /** By build: an end of the log, and when it was read (ms). */
  const ends = new Map<string, { readonly end: bigint | undefined; readonly at: number }>();
  /** The end of the log that every node knows by now; undefined until one is old enough. */
  const knownEnd = async (name: string): Promise<bigint | undefined> => {
    const last = ends.get(name);
    const isOld = last !== undefined && performance.now() - last.at >= lagMs;
    if (last === undefined || isOld) ends.set(name, { end: await eventStore.readLogEnd(), at: performance.now() });
    return isOld ? last.end : undefined;
  };
  return {
    async count(build, checkpoints, now, signal) {
      const lowest = lowestPosition(checkpoints.map((position) => ({ position })));
      const known = clear.get(build.name);
      const from = known !== undefined && known.checkpoint <= lowest && known.end > lowest ? known.end : lowest;
      const end = await knownEnd(build.name);
      const counted = countFrom(from, eventStore, build, checkpoints, now, signal).catch((error: unknown) => {
        // A scavenge may have removed the event there; only checkpoints must be in the log.
        if (from === lowest || !(error instanceof InvalidPosition)) throw error;
        clear.delete(build.name);
        return countFrom(lowest, eventStore, build, checkpoints, now, signal);
      });
      const { upTo, isClear, lag } = await counted;
      const to = isClear && end !== undefined && end > upTo ? end : upTo;
      if (to > from) clear.set(build.name, { checkpoint: lowest, end: to });
      return lag;
    },
    keepOnly(builds) {
      for (const known of [clear, ends]) for (const name of known.keys()) if (!builds.has(name)) known.delete(name);
    },
  };
}

/** `upTo`: the last event before the first that waits, at least `from`, an event's position; `isClear`: none waits in the whole log. */
async function countFrom(
  from: bigint,
  eventStore: Pick<EventStore, "readAll">,
  { readModel, ...build }: Pick<Build, "readModel" | "partitions">,
  checkpoints: readonly bigint[],
  now: number,
  signal: AbortSignal,
): Promise<{ readonly upTo: bigint; readonly isClear: boolean; readonly lag: BuildLag }> {
  const partitions = checkpoints.map(() => ({ events: 0, first: undefined as number | undefined }));
  let head = highestPosition(checkpoints.map((position) => ({ position })));
  let last: number | undefined;
  let counted = 0;
  let upTo = from;
  let waits = false;

  // The event at `from` is read again, because reads are inclusive.
  const maxCount = maxEventsCounted + (from === beforeTheLog ? 0 : 1);
  let read = 0;
  for await (const event of eventStore.readAll({
    categories: subscribedCategories(readModel),
    ...(from === beforeTheLog ? {} : { fromPosition: from }),
    maxCount,
    signal,
  })) {
    read++;
    if (event.position <= from) continue;
    const unhandled = concernOf(readModel, event) === "unhandled";
    const key = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
    const concerned = key === undefined ? undefined : partitionOf(key, build.partitions);
    for (const [number, partition] of partitions.entries()) {
      if (unhandled || (concerned !== undefined && concerned !== number)) continue;
      if (event.position <= (checkpoints[number] ?? beforeTheLog)) continue;
      partition.events++;
      partition.first ??= event.created.getTime();
      waits = true;
    }
    if (!waits) upTo = event.position;
    if (event.position > head) head = event.position;
    last = event.created.getTime();
    counted++;
  }
  const ended = read < maxCount && !signal.aborted;
  // If time runs out while events arrive, the result counts those that arrived.
  if (counted === 0) signal.throwIfAborted();

  const age = (since: number) => Math.max(0, (now - since) / 1_000);
  const lag = {
    head: ended ? head : null,
    partitions: partitions.map(({ events, first }) => {
      // A partition for which no event was found yet is at most as late as the last event read.
      const since = first ?? (ended ? undefined : last);
      return { events, seconds: since === undefined ? 0 : age(since), more: !ended };
    }),
  };
  return { upTo, isClear: ended && !waits, lag };
}
