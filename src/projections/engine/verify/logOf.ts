import { type Category, streamName } from "../../../domain/streams.ts";
import { StreamDeleted } from "../../../event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { handledCategories, type ReadModel } from "../core/declaration.ts";
import { readUpTo } from "../log/readUpTo.ts";
import { defaultTiming } from "../timing.ts";

export type LogReader = Pick<EventStore, "readAll" | "readStream">;

/** The events of a read model's categories up to `upTo`, in log order. Rejects with LogBehind if the log ends before. */
export async function* wholeLog(
  eventStore: LogReader,
  readModel: Pick<ReadModel, "categories" | "on">,
  upTo: bigint,
  stop: AbortSignal,
): AsyncGenerator<RecordedEvent> {
  if (upTo === beforeTheLog) return;
  const categories = handledCategories(readModel);
  yield* readUpTo(eventStore, { categories, after: beforeTheLog, upTo, lagMs: defaultTiming.logLag, signal: stop });
  stop.throwIfAborted();
}

/**
 * The events of some keys, in log order: from their own streams if those contain all events of a key, otherwise from the whole
 * log, including other events.
 */
export async function* logOfKeys(
  eventStore: LogReader,
  readModel: Pick<ReadModel, "categories" | "on" | "partitionKey">,
  keys: readonly string[],
  upTo: bigint,
  stop: AbortSignal,
): AsyncGenerator<RecordedEvent> {
  const categories = handledCategories(readModel);
  const own = categories.filter((category) => (category === "book") === (readModel.partitionKey === "book"));
  const read = own.length < categories.length ? undefined : await streamsOf(eventStore, own, keys, stop);
  if (read === undefined) return yield* wholeLog(eventStore, readModel, upTo, stop);
  yield* read.filter(({ position }) => position <= upTo).sort((a, b) => (a.position < b.position ? -1 : 1));
}

/** Undefined if one of the streams was deleted: its events may still be in the log. */
async function streamsOf(
  eventStore: LogReader,
  categories: readonly Category[],
  keys: readonly string[],
  stop: AbortSignal,
): Promise<RecordedEvent[] | undefined> {
  const events: RecordedEvent[] = [];
  try {
    for (const key of keys) {
      for (const category of categories) {
        for await (const event of eventStore.readStream(streamName(category, key))) events.push(event);
        stop.throwIfAborted();
      }
    }
  } catch (error) {
    if (error instanceof StreamDeleted) return undefined;
    throw error;
  }
  return events;
}
