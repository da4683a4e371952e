import type { Category } from "../domain/streams.ts";
import { categories } from "../domain/streams.ts";
import { InvalidPosition } from "../event-store/errors.ts";
import type { EventStore } from "../event-store/types.ts";
import { dayMs, dayOf, startOfDay } from "./days.ts";

/**
 * The known positions where days begin in the log: `before` is the position of the last event of ours before the day, undefined
 * if there is none. Finding a date without it means reading the log from its beginning.
 */
export type DayPositions = {
  /** The latest known day that is not after `day`. */
  latest(day: string): Promise<{ readonly day: string; readonly before: bigint } | undefined>;
  note(day: string, before: bigint): Promise<void>;
  forget(): Promise<void>;
};

/** No known positions. */
export const noDayPositions: DayPositions = {
  latest: async () => undefined,
  note: async () => {},
  forget: async () => {},
};

type Passing = { readonly signal?: AbortSignal | undefined; readonly onEvent?: (position: bigint) => void };

/**
 * Returns the position of the last event of ours that the store recorded before `time`; undefined if there is none. The first
 * event recorded at `time` or later ends the search: where the store's clock was set back, later events may be older. `onEvent`
 * is called for each event that is passed. Rejects with the signal's reason when it is aborted.
 */
export async function positionBefore(
  eventStore: Pick<EventStore, "readAll">,
  time: Date,
  known: DayPositions = noDayPositions,
  options: Passing = {},
): Promise<bigint | undefined> {
  const start = await known.latest(dayOf(time));
  try {
    return await search(eventStore, time, start, known, options);
  } catch (error) {
    if (!(error instanceof InvalidPosition) || start === undefined) throw error;
    // The known position is of another log, or a scavenge removed the event.
    await known.forget();
    return search(eventStore, time, undefined, known, options);
  }
}

async function search(
  eventStore: Pick<EventStore, "readAll">,
  time: Date,
  start: Awaited<ReturnType<DayPositions["latest"]>>,
  known: DayPositions,
  { signal, onEvent = () => {} }: Passing,
): Promise<bigint | undefined> {
  const all: readonly Category[] = categories;
  let last = start?.before;
  let dayEnds = start === undefined ? Number.NEGATIVE_INFINITY : startOfDay(start.day).getTime() + dayMs;
  const options = {
    categories: all,
    detail: "essential" as const,
    ...(last === undefined ? {} : { fromPosition: last }),
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const { position, created } of eventStore.readAll(options)) {
    if (position === start?.before) continue;
    const at = created.getTime();
    if (at >= dayEnds) {
      const day = dayOf(created);
      if (last !== undefined) await known.note(day, last);
      dayEnds = startOfDay(day).getTime() + dayMs;
    }
    if (at >= time.getTime()) return last;
    last = position;
    onEvent(position);
  }
  signal?.throwIfAborted();
  return last;
}
