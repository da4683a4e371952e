import { decideDelete } from "../semantics/decide-delete.ts";
import {
  decideAppend,
  type ExpectedRevision,
  type KnownIds,
  type StreamFacts,
} from "../semantics/expected-revision.ts";
import type { ValidEvent } from "../semantics/proposed-event.ts";
import {
  describedStream,
  firstVisible,
  isSoftDeleted,
  maxRevision,
  metastreamOf,
  oldestVisible,
  parseRetention,
  type Retention,
  softDelete,
  undeleted,
  unlimited,
} from "../semantics/stream-metadata.ts";
import { createdOf, encodeRecord, frameOf, idOf, type StoredEvent, storedEvent } from "../storage/record.ts";
import type { Store } from "../storage/store.ts";
import { lastRevision, ordinalOf, type Streams } from "../streams/streams.ts";
import { eventData } from "../wire/recorded-event.ts";
import { newUuid } from "../wire/uuid.ts";
import { type RecentIds, recentIds } from "./recent-ids.ts";

export type WriteRequest =
  | {
      kind: "append";
      stream: string;
      expected: ExpectedRevision;
      events: readonly ValidEvent[];
      /** Milliseconds since the Unix epoch, after which nothing is written any more. */
      deadline?: number | undefined;
    }
  | { kind: "delete" | "tombstone"; stream: string; expected: ExpectedRevision };

export type WriteOutcome =
  /** `position` is undefined when the repeated event is no longer readable. */
  | { kind: "success"; revision: bigint; position: bigint | undefined }
  | { kind: "wrong_expected_version"; current: bigint | undefined }
  | { kind: "stream_deleted"; stream: string }
  | { kind: "timeout" };

/** Writes that go to disk in one commit. Each is decided on the state that those before it leave. */
export type WriteGroup = {
  write(request: WriteRequest): WriteOutcome;
  /** What is to be written: the events in order, and the position for the next one. */
  changes(): { events: readonly StoredEvent[]; nextPosition: bigint };
};

/** A stream as the group leaves it. */
type Staged = { lastRevision: bigint; tombstoned: boolean; hasMetadata: boolean; retention: Retention };

/**
 * Starts a group on top of what is committed.
 * @param now the time that its events get, in ticks of 100 ns since the Unix epoch
 */
export function openWriteGroup(store: Store, streams: Streams, recent: RecentIds, now: bigint): WriteGroup {
  const staged = new Map<string, Staged>();
  const events: StoredEvent[] = [];
  /** This group's own events, by stream and revision. */
  const pending = new Map<string, StoredEvent>();
  const pendingIds = recentIds(Number.POSITIVE_INFINITY);
  let nextPosition = store.nextPosition();

  function stateOf(name: string): Staged {
    const own = staged.get(name);
    if (own) return own;
    const stream = streams.find(name);
    if (!stream) return { lastRevision: -1n, tombstoned: false, hasMetadata: false, retention: unlimited };
    const { tombstone, hasMetadata, retention } = stream;
    return { lastRevision: lastRevision(stream), tombstoned: tombstone !== undefined, hasMetadata, retention };
  }

  function change(name: string, changed: Partial<Staged>): void {
    staged.set(name, { ...stateOf(name), ...changed });
  }

  function factsOf(name: string): StreamFacts {
    const state = stateOf(name);
    const described = describedStream(name);
    return {
      lastRevision: state.lastRevision,
      tombstoned: state.tombstoned || (described !== undefined && stateOf(described).tombstoned),
      softDeleted: isSoftDeleted(state.retention),
      hasMetadata: state.hasMetadata,
    };
  }

  function eventAt(name: string, revision: bigint): StoredEvent | undefined {
    const own = pending.get(`${revision}@${name}`);
    if (own) return own;
    const stream = streams.find(name);
    const ordinal = stream && ordinalOf(stream, revision);
    return ordinal === undefined ? undefined : store.read([ordinal])[0];
  }

  function knownIds(name: string): KnownIds {
    return {
      recentRevision(id) {
        const known = recent.find(id) ?? pendingIds.find(id);
        return known?.stream === name ? known.revision : undefined;
      },
      idAt(revision) {
        const event = eventAt(name, revision);
        return event && idOf(event);
      },
    };
  }

  function append(stream: string, expected: ExpectedRevision, proposed: readonly ValidEvent[]): WriteOutcome {
    const ids = proposed.map(({ id }) => id);
    const decision = decideAppend(factsOf(stream), expected, ids, knownIds(stream));
    switch (decision.kind) {
      case "stream_deleted":
        return { kind: "stream_deleted", stream };
      case "wrong_expected_version":
        return decision;
      case "repeat": {
        const revision = decision.lastRevision;
        return { kind: "success", revision, position: visiblePosition(stream, revision) };
      }
      case "write":
        return writeEvents(stream, proposed);
    }
  }

  function visiblePosition(name: string, revision: bigint): bigint | undefined {
    const state = stateOf(name);
    if (revision < firstVisible(name, state.lastRevision, state.retention)) return undefined;
    const event = eventAt(name, revision);
    return event && createdOf(event) >= oldestVisible(state.retention, now) ? event.position : undefined;
  }

  function writeEvents(stream: string, proposed: readonly ValidEvent[]): WriteOutcome {
    const before = stateOf(stream);
    // An append of nothing has a position too, which no event ever gets.
    let position = nextPosition;
    if (proposed.length === 0) nextPosition += 1n;
    const described = describedStream(stream);
    const hidden = described !== undefined && isSoftDeleted(stateOf(described).retention) ? described : undefined;
    for (const event of proposed) position = writeEvent(stream, stateOf(stream).lastRevision + 1n, event);
    const revision = stateOf(stream).lastRevision;
    if (isSoftDeleted(before.retention)) undelete(stream, before.lastRevision + 1n);
    if (hidden !== undefined) undelete(hidden, stateOf(hidden).lastRevision + 1n);
    return { kind: "success", revision, position };
  }

  function writeEvent(stream: string, revision: bigint, event: ValidEvent): bigint {
    const position = nextPosition;
    const record = encodeRecord({ ...event, stream, revision, position, created: now });
    // Positions have gaps, as on the real server: nobody may count on the next being one more.
    nextPosition += BigInt(record.length);
    const stored = storedEvent(record);
    events.push(stored);
    if (revision === maxRevision) return position;
    change(stream, { lastRevision: revision });
    pending.set(`${revision}@${stream}`, stored);
    pendingIds.remember(event.id, { stream, revision });
    const described = describedStream(stream);
    if (described !== undefined) change(described, { hasMetadata: true, retention: parseRetention(event.data) });
    return position;
  }

  /** The first write after a soft delete, be it of an event or of metadata, keeps what was deleted hidden. */
  function undelete(stream: string, firstRevision: bigint): void {
    const metastream = metastreamOf(stream);
    const metadata = eventAt(metastream, stateOf(metastream).lastRevision);
    const data = undeleted(metadata ? eventData(frameOf(metadata)) : Buffer.alloc(0), firstRevision);
    writeMetadata(metastream, data);
  }

  function writeMetadata(metastream: string, data: Buffer): bigint {
    return writeEvent(metastream, stateOf(metastream).lastRevision + 1n, serverMade("$metadata", true, data));
  }

  function remove(kind: "delete" | "tombstone", stream: string, expected: ExpectedRevision): WriteOutcome {
    const decision = decideDelete(factsOf(stream), expected, kind === "tombstone");
    if (decision.kind === "stream_deleted") return { kind: "stream_deleted", stream };
    if (decision.kind === "wrong_expected_version") return decision;
    if (kind === "delete") {
      const position = writeMetadata(metastreamOf(stream), softDelete);
      return { kind: "success", revision: stateOf(stream).lastRevision, position };
    }
    const position = writeEvent(stream, maxRevision, serverMade("$streamDeleted", false, Buffer.alloc(0)));
    change(stream, { tombstoned: true });
    const described = describedStream(stream);
    if (described !== undefined) change(described, { hasMetadata: false, retention: unlimited });
    return { kind: "success", revision: maxRevision, position };
  }

  return {
    write(request) {
      if (request.kind !== "append") return remove(request.kind, request.stream, request.expected);
      if (request.deadline !== undefined && Date.now() > request.deadline) return { kind: "timeout" };
      return append(request.stream, request.expected, request.events);
    },
    changes: () => ({ events, nextPosition }),
  };
}

function serverMade(type: string, isJson: boolean, data: Buffer): ValidEvent {
  return { id: newUuid(), type, isJson, customMetadata: Buffer.alloc(0), data };
}
