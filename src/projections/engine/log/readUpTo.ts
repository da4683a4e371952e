import { type Category, categoryOf } from "../../../domain/streams.ts";
import type { EventStore, ReadDetail, RecordedEvent } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import { pause } from "../timing.ts";

/** The log ends before a position that it is known to have: a node that has just become the leader may be behind. A fault; ask again. */
export class LogBehind extends Error {
  override readonly name = "LogBehind";
}

/** The interval (ms) at which the log is read again for events that it does not have yet. */
const askAgainMs = 250;

type LogRange = {
  readonly categories: readonly Category[];
  /** Exclusive: `beforeTheLog`, or a position at which an event begins. */
  readonly after: bigint;
  /** Inclusive. */
  readonly upTo: bigint;
  /** For how long to wait for what the log does not have yet (ms, `Timing.logLag`). */
  readonly lagMs: number;
  readonly detail?: ReadDetail;
  readonly signal?: AbortSignal;
};

/**
 * Yields the events of some categories after `after` up to `upTo`, in log order (rule 5a). Ends when a read that has
 * shown all earlier events has shown one of any stream at `upTo` or later, and returns the position of that event.
 * Reads only the categories first; if their last event is before `upTo`, it reads all streams from there. Rejects with
 * LogBehind if the log ends before `upTo` and still does after `lagMs`, with InvalidPosition if no event begins at
 * `after`, or as the event store does; an abort of `signal` ends it early, without an error.
 */
export async function* readUpTo(
  eventStore: Pick<EventStore, "readAll">,
  { categories, after, upTo, lagMs, detail, signal }: LogRange,
): AsyncGenerator<RecordedEvent, bigint> {
  let shown = after;
  const wanted: ReadonlySet<string> = new Set(categories);
  const isWanted = ({ stream, type }: RecordedEvent) => wanted.has(categoryOf(stream) ?? "") && !type.startsWith("$");

  async function* readOn(of?: readonly Category[]): AsyncGenerator<RecordedEvent> {
    const from = shown === beforeTheLog ? {} : { fromPosition: shown };
    for await (const event of eventStore.readAll({
      ...from,
      ...(of && { categories: of }),
      ...(detail && { detail }),
      ...(signal && { signal }),
    })) {
      // A read begins with the event at its position.
      if (event.position <= shown) continue;
      shown = event.position;
      if (shown <= upTo && isWanted(event)) yield event;
      if (shown >= upTo) return;
    }
  }

  if (shown >= upTo) return shown;
  yield* readOn(categories);
  const patientUntil = performance.now() + lagMs;
  while (shown < upTo && signal?.aborted !== true) {
    yield* readOn();
    if (shown >= upTo || signal?.aborted) break;
    if (performance.now() >= patientUntil) throw new LogBehind(`the log ends at ${shown}, before ${upTo}`);
    await pause(askAgainMs, signal);
  }
  return shown;
}
