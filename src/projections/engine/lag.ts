import { partitionKeyOf } from "../../domain/partitionKeys.ts";
import type { EventStore } from "../../event-store/types.ts";
import { beforeTheLog } from "./core/batch.ts";
import type { BuildPlace } from "./core/build.ts";
import { concernOf } from "./core/concern.ts";
import { type ReadModel, subscribedCategories } from "./core/declaration.ts";
import { partitionOf } from "./core/partition.ts";

/** Events of the log that are looked at for one build: a backlog is counted up to here. */
export const maxEventsCounted = 5_000;

/**
 * What a partition has still to apply: how many events of its own, and for how long the first of them has been in the log.
 * With `more` the log was not looked at to its end, so that `events` are the least that wait.
 */
export type Lag = { readonly events: number; readonly seconds: number; readonly more: boolean };

/** How far a build is behind its log. `head`: the last event of the build's categories, null when it was not come to. */
export type BuildLag = { readonly head: bigint | null; readonly partitions: readonly Lag[] };

/**
 * Counts, partition by partition, the events above the checkpoints. The log is read, filtered, from the lowest checkpoint to its
 * end; when nothing waits that is an answer of a few messages.
 * `now` in milliseconds. Rejects when the log cannot be read, or with the reason of `signal` if that came before any event.
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

  // The event at the lowest checkpoint is read again: a read begins with its position.
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
  // Time that runs out while events come leaves a count of what came.
  if (looked === 0) signal.throwIfAborted();

  const age = (since: number) => Math.max(0, (now - since) / 1_000);
  return {
    head: ended ? head : null,
    partitions: partitions.map(({ events, first }) => {
      // A partition of which nothing was found yet is at most as late as the last event that was looked at.
      const since = first ?? (ended ? undefined : last);
      return { events, seconds: since === undefined ? 0 : age(since), more: !ended };
    }),
  };
}
