import type { EventLog } from "../log/log.ts";
import { InvalidRequest, StreamDeleted } from "../semantics/errors.ts";
import {
  currentTicks,
  describedStream,
  firstVisible,
  isMetastream,
  isSoftDeleted,
  oldestVisible,
} from "../semantics/stream-metadata.ts";
import { createdOf, frameOf, revisionOf, type StoredEvent } from "../storage/record.ts";
import type { StreamEntry } from "../storage/stream-entry.ts";
import type { ReadStart } from "../wire/read-request.ts";
import { streamNotFound } from "../wire/responses.ts";
import type { Receiver } from "./receiver.ts";

export type StreamRange = { stream: string; start: ReadStart; backwards: boolean; count: bigint };

const pageSize = 256;

/** Reads one stream, both ends inclusive. A stream that is not there is a message of its own, not an error. */
export async function readStream(
  log: EventLog,
  { stream, start, backwards, count }: StreamRange,
  out: Receiver,
): Promise<void> {
  if (start === "end" && !backwards) throw new InvalidRequest("A stream cannot be read forwards from its end.");
  const entry = readableStream(log, stream);
  if (!entry) {
    await out.send(streamNotFound(stream));
    return;
  }
  let left = count;
  for (const page of pages(log, stream, entry, start, backwards)) {
    for (const event of page) {
      const full = out.send(frameOf(event));
      if (full) await full;
      left -= 1n;
      if (left === 0n || out.over()) return;
    }
  }
}

/**
 * The stream as a reader sees it: undefined when it has no events or is soft-deleted.
 * @throws the status stream-deleted when it, or the stream that it describes, has a tombstone.
 */
export function readableStream(log: EventLog, stream: string): StreamEntry | undefined {
  const entry = log.stream(stream);
  const described = isMetastream(stream) ? log.stream(describedStream(stream)) : undefined;
  if (entry?.tombstoned || described?.tombstoned) throw new StreamDeleted(stream);
  return !entry || entry.lastRevision < 0n || isSoftDeleted(entry.retention) ? undefined : entry;
}

function* pages(
  log: EventLog,
  stream: string,
  entry: StreamEntry,
  start: ReadStart,
  backwards: boolean,
): Generator<StoredEvent[]> {
  const first = firstVisible(stream, entry.lastRevision, entry.retention);
  const oldest = oldestVisible(entry.retention, currentTicks());
  let at = start === "start" ? 0n : start === "end" || start > entry.lastRevision ? entry.lastRevision : start;
  if (!backwards && typeof start === "bigint" && start > entry.lastRevision) return;
  if (!backwards && at < first) at = first;
  while (at >= first && at <= entry.lastRevision) {
    const page = log.streamEvents(entry, at, backwards, pageSize);
    const last = page.at(-1);
    if (!last) return;
    yield page.filter(
      (event) => revisionOf(event) >= first && revisionOf(event) <= entry.lastRevision && createdOf(event) >= oldest,
    );
    at = backwards ? revisionOf(last) - 1n : revisionOf(last) + 1n;
  }
}
