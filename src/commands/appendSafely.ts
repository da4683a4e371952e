import { setTimeout as sleep } from "node:timers/promises";
import { OutcomeUnknown } from "../event-store/errors.ts";
import type { Appended, EventStore, EventToAppend, ExpectedRevision } from "../event-store/types.ts";

/**
 * Appends, and while the outcome is unknown appends the same bytes, ids and revision again, once after each pause of
 * `pausesMs`: the event store answers an append that it has already written as it did the first time. Rejects with
 * OutcomeUnknown when it never answered.
 */
export async function appendSafely(
  eventStore: Pick<EventStore, "append">,
  stream: string,
  expected: ExpectedRevision,
  events: readonly EventToAppend[],
  pausesMs: readonly number[],
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
