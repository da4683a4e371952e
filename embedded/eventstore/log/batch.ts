import { randomUUID } from "node:crypto";
import { decideAppend, type ExpectedRevision, type KnownIds } from "../semantics/expected-revision.ts";
import type { ValidEvent } from "../semantics/proposed-event.ts";
import {
  describedStream,
  firstVisible,
  isMetastream,
  isSoftDeleted,
  metastreamOf,
  oldestVisible,
  parseRetention,
  undeleted,
} from "../semantics/stream-metadata.ts";
import { createdOf, encodeRecord, frameOf, idOf, type StoredEvent } from "../storage/record.ts";
import type { Changes, Store } from "../storage/store.ts";
import { newStream, type StreamEntry, streamFacts } from "../storage/stream-entry.ts";
import { eventData } from "../wire/recorded-event.ts";
import { parseUuid } from "../wire/uuid.ts";
import { type RecentIds, recentIds } from "./recent-ids.ts";

export type AppendRequest = { stream: string; expected: ExpectedRevision; events: readonly ValidEvent[] };

export type AppendOutcome =
  /** `position` is undefined when the repeated event is no longer readable. */
  | { kind: "success"; revision: bigint; position: bigint | undefined }
  | { kind: "wrong_expected_version"; current: bigint | undefined }
  | { kind: "stream_deleted"; stream: string };

/** Appends that go to disk in one commit. Each is decided on the state that those before it leave. */
export type Batch = {
  append(request: AppendRequest): AppendOutcome;
  changes(): Changes;
};

/**
 * Starts a batch on top of what is committed.
 * @param now the time that its events get, in ticks of 100 ns since the Unix epoch
 */
export function openBatch(store: Store, recent: RecentIds, now: bigint): Batch {
  const streams = new Map<string, StreamEntry>();
  const written: { event: StoredEvent; streamNumber: bigint; revision: bigint }[] = [];
  /** This batch's own events, by stream number and revision. */
  const pending = new Map<string, StoredEvent>();
  const pendingIds = recentIds(Number.POSITIVE_INFINITY);
  let { nextPosition, nextStream } = store.counters();

  function entryOf(name: string): StreamEntry | undefined {
    return streams.get(name) ?? store.stream(name);
  }

  function eventAt(entry: StreamEntry, revision: bigint): StoredEvent | undefined {
    const own = pending.get(`${entry.number}@${revision}`);
    if (own) return own;
    const position = store.positionOf(entry.number, revision);
    return position === undefined ? undefined : store.event(position);
  }

  function idAtRevision(entry: StreamEntry | undefined, revision: bigint): Buffer | undefined {
    const event = entry && eventAt(entry, revision);
    return event && idOf(event);
  }

  function knownIds(entry: StreamEntry | undefined): KnownIds {
    return {
      recentRevision(id) {
        const known = recent.find(id) ?? pendingIds.find(id);
        return known?.streamNumber === entry?.number ? known?.revision : undefined;
      },
      idAt: (revision) => idAtRevision(entry, revision),
    };
  }

  function append({ stream, expected, events }: AppendRequest): AppendOutcome {
    const entry = entryOf(stream);
    const facts = streamFacts(entry);
    const described = isMetastream(stream) ? entryOf(describedStream(stream)) : undefined;
    const decision = decideAppend(
      { ...facts, tombstoned: facts.tombstoned || (described?.tombstoned ?? false) },
      expected,
      events.map((event) => event.id),
      knownIds(entry),
    );
    switch (decision.kind) {
      case "stream_deleted":
        return { kind: "stream_deleted", stream };
      case "wrong_expected_version":
        return decision;
      case "repeat":
        return {
          kind: "success",
          revision: decision.lastRevision,
          position: visiblePosition(stream, entry, decision.lastRevision),
        };
      case "write":
        return write(stream, entry, events);
    }
  }

  function visiblePosition(stream: string, entry: StreamEntry | undefined, revision: bigint): bigint | undefined {
    if (!entry || revision < firstVisible(stream, entry.lastRevision, entry.retention)) return undefined;
    const event = eventAt(entry, revision);
    return event && createdOf(event) >= oldestVisible(entry.retention, now) ? event.position : undefined;
  }

  function write(stream: string, before: StreamEntry | undefined, events: readonly ValidEvent[]): AppendOutcome {
    // An append of nothing succeeds at the end of the log and leaves no trace.
    if (events.length === 0) return { kind: "success", revision: before?.lastRevision ?? -1n, position: nextPosition };
    const entry = { ...(before ?? newStream(nextStream++)) };
    streams.set(stream, entry);
    let position: bigint | undefined;
    for (const event of events) position = writeEvent(stream, entry, event);
    const last = events.at(-1);
    if (last && isMetastream(stream)) describe(describedStream(stream), last);
    if (last && isSoftDeleted(entry.retention)) undelete(stream, entry, BigInt(events.length));
    return { kind: "success", revision: entry.lastRevision, position };
  }

  function writeEvent(stream: string, entry: StreamEntry, event: ValidEvent): bigint {
    const position = nextPosition;
    entry.lastRevision += 1n;
    const record = encodeRecord({ ...event, stream, revision: entry.lastRevision, position, created: now });
    // Positions have gaps, as on the real server: nobody may count on the next being one more.
    nextPosition += BigInt(record.length);
    const stored = { position, record };
    written.push({ event: stored, streamNumber: entry.number, revision: entry.lastRevision });
    pending.set(`${entry.number}@${entry.lastRevision}`, stored);
    pendingIds.remember(event.id, { streamNumber: entry.number, revision: entry.lastRevision });
    return position;
  }

  /** A write to a metastream says how the stream that it describes is read from now on. */
  function describe(stream: string, metadata: ValidEvent): void {
    const entry = entryOf(stream) ?? newStream(nextStream++);
    streams.set(stream, { ...entry, hasMetadata: true, retention: parseRetention(metadata.data) });
  }

  /** The first write after a soft delete keeps what was deleted hidden. */
  function undelete(stream: string, entry: StreamEntry, writtenEvents: bigint): void {
    const first = entry.lastRevision - writtenEvents + 1n;
    const metastream = metastreamOf(stream);
    const data = undeleted(lastMetadata(metastream), first);
    const id = parseUuid(randomUUID()) as Buffer;
    write(metastream, entryOf(metastream), [
      { id, type: "$metadata", isJson: true, customMetadata: Buffer.alloc(0), data },
    ]);
  }

  function lastMetadata(metastream: string): Buffer {
    const entry = entryOf(metastream);
    const event = entry && eventAt(entry, entry.lastRevision);
    return event ? eventData(frameOf(event)) : Buffer.alloc(0);
  }

  return {
    append,
    changes: () => ({
      events: written,
      streams,
      nextPosition,
      nextStream,
    }),
  };
}
