import { InvalidPosition } from "../../../../event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../../../event-store/types.ts";
import { beforeTheLog, type LogPoint } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { subscribedCategories } from "../../core/declaration.ts";
import { LogBehind, readUpTo } from "../../log/readUpTo.ts";
import type { FillProgressCounter } from "./fillProgress.ts";
import type { Segment } from "./segment.ts";
import { watchSilence } from "./silence.ts";

/**
 * Folds the log into a segment from its beginning, until `full` returns true, `stop` is aborted or the log ends; resolves with whether it
 * ended before the segment was full. It ends at `end`, or, if the log does not show that in time (rule 5a), at the last event that it has;
 * only in the first case the segment passes to `end`. Rejects as `Segment.add`, and when nothing is heard of the log.
 */
export async function foldUntil(
  options: {
    readonly eventStore: Pick<EventStore, "subscribe" | "readAll">;
    readonly silenceMs: number;
    /** See `Timing.logLag`. */
    readonly lagMs: number;
    /** The end of the log, as some node knew it; undefined if the log was empty. */
    readonly end: LogPoint | undefined;
    readonly progress: FillProgressCounter;
    /** Events given to the segment at once. */
    readonly eventsAtOnce: number;
    readonly full: () => boolean;
    readonly stop: AbortSignal;
  },
  { readModel }: Build,
  segment: Segment,
  from: LogPoint,
): Promise<boolean> {
  const { eventStore, silenceMs, lagMs, end, progress, eventsAtOnce, full, stop } = options;
  const leave = new AbortController();
  const categories = subscribedCategories(readModel);
  const signal = AbortSignal.any([leave.signal, stop]);
  const detail = "essential";
  const after = from.position === beforeTheLog ? undefined : from.position;
  const subscription = eventStore.subscribe({ categories, after, detail, signal });
  /** The position up to which the log has come. */
  let shown = from.position;
  const silence = watchSilence(silenceMs, () => leave.abort());
  let waiting: RecordedEvent[] = [];
  const add = async () => {
    const events = waiting;
    waiting = [];
    const before = segment.events();
    await silence.except(segment.add(events, full));
    progress.add(events.slice(0, segment.events() - before));
    await silence.except(progress.report(false));
  };
  /** Reads on to `end` where the subscription has come to an earlier one; false if it stays behind. */
  const readOn = async (end: LogPoint): Promise<boolean> => {
    try {
      for await (const event of readUpTo(eventStore, {
        categories,
        after: shown,
        upTo: end.position,
        lagMs,
        detail,
        signal,
      })) {
        silence.heard();
        waiting.push(event);
        if (waiting.length < eventsAtOnce) continue;
        await add();
        if (full()) return true;
      }
      return true;
    } catch (error) {
      // The subscription may have named a position that a scavenge has removed since.
      if (!(error instanceof LogBehind || error instanceof InvalidPosition)) throw error;
      return false;
    }
  };
  try {
    for await (const message of subscription) {
      silence.heard();
      if (message.kind === "caughtUp") {
        const came = end === undefined || (await readOn(end));
        if (signal.aborted) break;
        await add();
        if (full()) return false;
        if (came && end !== undefined) segment.passTo(end);
        return true;
      }
      if (message.kind === "event") {
        shown = message.event.position;
        waiting.push(message.event);
      } else {
        shown = message.position;
        if (waiting.length === 0) progress.readTo(message.position);
      }
      if (waiting.length < eventsAtOnce) continue;
      await add();
      if (full()) return false;
    }
    if (!stop.aborted) throw new Error("the subscription is silent");
    return false;
  } finally {
    silence.end();
    leave.abort();
  }
}
