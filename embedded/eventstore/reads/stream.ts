import type { EventLog } from "../log/log.ts";
import { InvalidRequest } from "../semantics/errors.ts";
import { currentTicks, firstVisible, oldestVisible } from "../semantics/stream-metadata.ts";
import { createdOf, revisionOf, type StoredEvent } from "../storage/record.ts";
import { lastRevision, type Stream } from "../streams/streams.ts";
import type { ReadStart } from "../wire/read-request.ts";
import { firstStreamPosition, lastStreamPosition, streamNotFound } from "../wire/responses.ts";
import type { Present } from "./present.ts";
import type { Receiver } from "./receiver.ts";
import { readableStream } from "./visible.ts";

export type StreamRange = {
  stream: string;
  start: ReadStart;
  backwards: boolean;
  count: bigint;
  /** Reports the stream's last position at the end, for newer clients. */
  tellsPositions: boolean;
};

const pageSize = 256;

/** Reads one stream, both ends inclusive. A missing stream is a separate message, not an error. */
export async function readStream(log: EventLog, range: StreamRange, present: Present, out: Receiver): Promise<void> {
  const { stream: name, start, backwards, tellsPositions } = range;
  if (start === "end" && !backwards) throw new InvalidRequest("A stream cannot be read forwards from its end.");
  const stream = readableStream(log, name);
  if (!stream) {
    await out.send(streamNotFound(name));
    return;
  }
  // Events that are appended during the read are not part of it.
  const last = lastRevision(stream);
  let left = range.count;
  for (const page of pages(log, name, stream, last, start, backwards)) {
    for (const event of page) {
      const full = out.send(present(event));
      if (full) await full;
      if (out.over()) return;
      left -= 1n;
      if (left === 0n) break;
    }
    if (left === 0n) break;
  }
  if (!tellsPositions) return;
  if (left === range.count) await out.send(firstStreamPosition(last + 1n));
  await out.send(lastStreamPosition(last));
}

function* pages(
  log: EventLog,
  name: string,
  stream: Stream,
  last: bigint,
  start: ReadStart,
  backwards: boolean,
): Generator<StoredEvent[]> {
  const first = firstVisible(name, last, stream.retention);
  const oldest = oldestVisible(stream.retention, currentTicks());
  if (!backwards && typeof start === "bigint" && start > last) return;
  let at = start === "start" ? 0n : start === "end" || start > last ? last : start;
  if (!backwards && at < first) at = first;
  while (at >= first && at <= last) {
    const page = log.streamEvents(stream, at, backwards, pageSize);
    const end = page.at(-1);
    if (!end) return;
    yield page.filter((event) => revisionOf(event) >= first && revisionOf(event) <= last && createdOf(event) >= oldest);
    at = backwards ? revisionOf(end) - 1n : revisionOf(end) + 1n;
  }
}
