import { setTimeout as sleep } from "node:timers/promises";
import { OutcomeUnknown } from "../event-store/errors.ts";
import type { Appended, EventStore, EventToAppend, ExpectedRevision } from "../event-store/types.ts";

/** The pauses before each retry, in milliseconds. */
const defaultPausesMs = [100, 300, 900];

/**
 * Appends; while the outcome is unknown, repeats the append with the same bytes, ids and revision after each of `pausesMs`. The
 * event store acknowledges a repeated append as it did the first time. Rejects with OutcomeUnknown if no attempt was answered.
 */
export async function appendSafely(
  eventStore: Pick<EventStore, "append">,
  stream: string,
  expected: ExpectedRevision,
  events: readonly EventToAppend[],
  pausesMs: readonly number[] = defaultPausesMs,
): Promise<Appended> {
  for (let repeats = 0; ; repeats++) {
    try {
      return await eventStore.append(stream, expected, events);
    } catch (error) {
      const pause = pausesMs[repeats];
      if (!(error instanceof OutcomeUnknown) || pause === undefined) throw error;
      await sleep(pause);
    }
  }
}
