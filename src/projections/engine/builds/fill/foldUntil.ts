import type { EventStore, RecordedEvent } from "../../../../event-store/types.ts";
import { beforeTheLog, type LogPoint } from "../../core/batch.ts";
import type { Build } from "../../core/build.ts";
import { subscribedCategories } from "../../core/declaration.ts";
import type { FillProgressCounter } from "./fillProgress.ts";
import type { Segment } from "./segment.ts";
import { watchSilence } from "./silence.ts";

/**
 * Folds the log into a segment from its beginning, until `full` returns true, `stop` is aborted or the log ends; resolves with whether it
 * ended before the segment was full. Rejects as `Segment.add`, and when nothing is heard of the log.
 */
export async function foldUntil(
  options: {
    readonly eventStore: Pick<EventStore, "subscribe">;
    readonly silenceMs: number;
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
  const { eventStore, silenceMs, progress, eventsAtOnce, full, stop } = options;
  const leave = new AbortController();
  const subscription = eventStore.subscribe({
    categories: subscribedCategories(readModel),
    after: from.position === beforeTheLog ? undefined : from.position,
    detail: "essential",
    signal: AbortSignal.any([leave.signal, stop]),
  });
  const silence = watchSilence(silenceMs, () => leave.abort());
  let waiting: RecordedEvent[] = [];
  const add = async () => {
    const events = waiting;
    waiting = [];
    const before = segment.events();
    await silence.except(segment.add(events, full));
    progress.add(segment.events() - before, segment.upTo().position);
    await silence.except(progress.report(false));
  };
  try {
    for await (const message of subscription) {
      silence.heard();
      if (message.kind === "event") waiting.push(message.event);
      else if (message.kind === "checkpoint") progress.add(0, message.position);
      else {
        await add();
        return !full();
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
