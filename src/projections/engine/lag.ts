import { partitionKeyOf } from "../../domain/partitionKeys.ts";
import type { EventStore } from "../../event-store/types.ts";
import { beforeTheLog } from "./core/batch.ts";
import type { BuildPlace } from "./core/build.ts";
import { concernOf } from "./core/concern.ts";
import { type ReadModel, subscribedCategories } from "./core/declaration.ts";
import { partitionOf } from "./core/partition.ts";

/** The maximum number of events read for one build: a backlog is counted up to here. */
export const maxEventsCounted = 5_000;

/**
 * The backlog of a partition: how many of its own events are not applied, and how long the first of them has been in the log.
 * With `more` the log was not read to its end, so that `events` is a lower bound.
 */
export type Lag = { readonly events: number; readonly seconds: number; readonly more: boolean };

/** How far a build is behind the log. `head`: the last event of the build's categories, null if it was not reached. */
export type BuildLag = { readonly head: bigint | null; readonly partitions: readonly Lag[] };

/**
 * Counts the events above each partition's checkpoint. Reads the log, filtered, from the lowest checkpoint to its end; without
 * a backlog that takes a few messages. `now` in milliseconds. Rejects when the log cannot be read, or with the reason of
 * `signal` if no event has arrived before.
 */
export async function countLag(
  eventStore: Pick<EventStore, "readAll">,
  readModel: ReadModel,
  build: Pick<BuildPlace, "partitions">,
  checkpoints: readonly bigint[],
  now: number,
  signal: AbortSignal,
): Promise<BuildLag> {
  const partitions = checkpoints.map(() => ({ events: 0, first: undefined as number | undefined }));
  const inOrder = [...checkpoints].sort((a, b) => (a < b ? -1 : 1));
  const [lowest = beforeTheLog] = inOrder;
  let head = inOrder.at(-1) ?? beforeTheLog;
  let last: number | undefined;
  let looked = 0;

  // The event at the lowest checkpoint is read again, because reads are inclusive.
  const most = maxEventsCounted + (lowest === beforeTheLog ? 0 : 1);
  let read = 0;
  for await (const event of eventStore.readAll({
    categories: subscribedCategories(readModel),
    ...(lowest === beforeTheLog ? {} : { fromPosition: lowest }),
    maxCount: most,
    signal,
  })) {
    read++;
    if (event.position <= lowest) continue;
    const unhandled = concernOf(readModel, event) === "unhandled";
    const key = partitionKeyOf(readModel.partitionKey, event.stream, event.data);
    const concerned = key === undefined ? undefined : partitionOf(key, build.partitions);
    for (const [number, partition] of partitions.entries()) {
      if (unhandled || (concerned !== undefined && concerned !== number)) continue;
      if (event.position <= (checkpoints[number] ?? beforeTheLog)) continue;
      partition.events++;
      partition.first ??= event.created.getTime();
    }
    if (event.position > head) head = event.position;
    last = event.created.getTime();
    looked++;
  }
  const ended = read < most && !signal.aborted;
  // If time runs out while events arrive, the result counts those that arrived.
  if (looked === 0) signal.throwIfAborted();

  const age = (since: number) => Math.max(0, (now - since) / 1_000);
  return {
    head: ended ? head : null,
    partitions: partitions.map(({ events, first }) => {
      // A partition for which no event was found yet is at most as late as the last event read.
      const since = first ?? (ended ? undefined : last);
      return { events, seconds: since === undefined ? 0 : age(since), more: !ended };
    }),
  };
}
