import type { EventLog } from "../log/log.ts";
import { StreamDeleted } from "../semantics/errors.ts";
import {
  currentTicks,
  describedStream,
  firstVisible,
  isSoftDeleted,
  oldestVisible,
} from "../semantics/stream-metadata.ts";
import { createdOf, type StoredEvent } from "../storage/record.ts";
import { lastRevision, type Stream } from "../streams/streams.ts";

/**
 * The stream as a reader sees it: undefined when it has no events or is soft-deleted.
 * @throws the status stream-deleted when it, or the stream that it describes, has a tombstone.
 */
export function readableStream(log: EventLog, name: string): Stream | undefined {
  if (isTombstoned(log, name)) throw new StreamDeleted(name);
  const stream = log.stream(name);
  return !stream || lastRevision(stream) < 0n || isSoftDeleted(stream.retention) ? undefined : stream;
}

export function isTombstoned(log: EventLog, name: string): boolean {
  const described = describedStream(name);
  return [name, described].some((part) => part !== undefined && log.stream(part)?.tombstone !== undefined);
}

/** The event at a revision, if a read would show it now. */
export function visibleEvent(log: EventLog, name: string, revision: bigint): StoredEvent | undefined {
  if (isTombstoned(log, name)) return undefined;
  const stream = readableStream(log, name);
  if (!stream || revision > lastRevision(stream)) return undefined;
  if (revision < firstVisible(name, lastRevision(stream), stream.retention)) return undefined;
  const event = log.streamEvents(stream, revision, false, 1)[0];
  return event && createdOf(event) >= oldestVisible(stream.retention, currentTicks()) ? event : undefined;
}
