import { isUsedAfter } from "../../domain/history/history.ts";
import { historyStream } from "../../domain/history/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";
import { loadStream } from "../loadStream.ts";

/**
 * Returns whether a reader used the history later than `at` (ISO 8601), so that a visit of that time is no longer recorded
 * (`isPast`). Reads the reader's stream; rejects as reading it does.
 */
export async function historyUsedAfter(
  eventStore: Pick<EventStore, "readStream">,
  { readerId, at }: { readonly readerId: string; readonly at: string },
): Promise<boolean> {
  const reader = { eventStore, codec: codecOf(historyStream.events) };
  const { state } = await loadStream(reader, historyStream.decider, nameOf(historyStream, readerId));
  return isUsedAfter(at, state);
}
