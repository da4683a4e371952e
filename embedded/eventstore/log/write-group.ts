import { decideDelete } from "../semantics/decide-delete.ts";
import { decideAppend, type ExpectedRevision, type KnownIds } from "../semantics/expected-revision.ts";
import type { ValidEvent } from "../semantics/proposed-event.ts";
import {
  describedStream,
  firstVisible,
  isSoftDeleted,
  maxRevision,
  metastreamOf,
  oldestVisible,
  parseRetention,
  softDelete,
  undeleted,
  unlimited,
} from "../semantics/stream-metadata.ts";
import {
  createdOf,
  encodeRecord,
  frameOf,
  idOf,
  revisionOf,
  type StoredEvent,
  streamNameOf,
} from "../storage/record.ts";
import type { Store } from "../storage/store.ts";
import { lastRevision, ordinalOf, type Streams } from "../streams/streams.ts";
import { eventData } from "../wire/recorded-event.ts";
import { newUuid } from "../wire/uuid.ts";
import type { RecentIds } from "./recent-ids.ts";
import { type StagedStream, stageStreams } from "./staged-streams.ts";

export type WriteRequest =
  | {
      kind: "append";
      stream: string;
      expected: ExpectedRevision;
      events: readonly ValidEvent[];
      /** The deadline of the write, in milliseconds since the Unix epoch. */
      deadline?: number | undefined;
    }
  | { kind: "delete" | "tombstone"; stream: string; expected: ExpectedRevision };

export type WriteOutcome =
  /** `position` is undefined when the repeated event is no longer readable. */
  | { kind: "success"; revision: bigint; position: bigint | undefined }
  | { kind: "wrong_expected_version"; current: bigint | undefined }
  | { kind: "stream_deleted"; stream: string }
  | { kind: "timeout" };

export type NewEvent = { event: StoredEvent; stream: string };

/** Writes of one commit. Each is decided on the state after the previous ones. */
export type WriteGroup = {
  write(request: WriteRequest): WriteOutcome;
  /** The changes to write: the events in order, and the position of the next one. */
  changes(): { events: readonly NewEvent[]; nextPosition: bigint };
  /** Removes the ids: the commit failed. */
  abandon(): void;
};

/**
 * Starts a group on top of the committed state.
 * @param now the time that its events get, in ticks of 100 ns since the Unix epoch
 */
export function openWriteGroup(store: Store, streams: Streams, recent: RecentIds, now: bigint): WriteGroup {
  const staged = stageStreams(streams);
  const { stateOf, stage, factsOf } = staged;
  const events: NewEvent[] = [];
  const firstOrdinal = store.end();
  let nextPosition = store.nextPosition();

  function eventAt(name: string, revision: bigint): StoredEvent | undefined {
    const stream = streams.find(name);
    const own = stateOf(name).added[Number(revision - (stream ? lastRevision(stream) : -1n)) - 1];
    if (own) return own;
    const ordinal = stream && ordinalOf(stream, revision);
    return ordinal === undefined ? undefined : store.read([ordinal])[0];
  }

  function atOrdinal(ordinal: number): StoredEvent | undefined {
    return ordinal < firstOrdinal ? store.read([ordinal])[0] : events[ordinal - firstOrdinal]?.event;
  }

  function knownIds(name: string): KnownIds {
    return {
      recentRevision(id) {
        const ordinal = recent.find(id);
        const event = ordinal === undefined ? undefined : atOrdinal(ordinal);
        return event && idOf(event).equals(id) && isOf(event, name) ? revisionOf(event) : undefined;
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
    const state = stage(stream);
    const wasHidden = isSoftDeleted(state.retention);
    const described = describedStream(stream);
    const describesHidden = described !== undefined && isSoftDeleted(stateOf(described).retention);
    const first = state.lastRevision + 1n;
    // An empty append consumes a position.
    let position = nextPosition;
    if (proposed.length === 0) nextPosition += 1n;
    for (const event of proposed) position = writeEvent(stream, state, event);
    const revision = state.lastRevision;
    if (wasHidden) undelete(stream, first);
    if (describesHidden) undelete(described, stateOf(described).lastRevision + 1n);
    return { kind: "success", revision, position };
  }

  function writeEvent(stream: string, state: StagedStream, event: ValidEvent): bigint {
    const revision = state.lastRevision + 1n;
    const stored = encode(stream, revision, event);
    state.lastRevision = revision;
    state.added.push(stored);
    recent.remember(event.id, firstOrdinal + events.length - 1);
    const described = describedStream(stream);
    if (described !== undefined) staged.describe(described, true, parseRetention(event.data));
    return stored.position;
  }

  function encode(stream: string, revision: bigint, event: ValidEvent): StoredEvent {
    const { id, type, isJson, customMetadata, data } = event;
    const position = nextPosition;
    const record = encodeRecord({ id, stream, revision, position, created: now, type, isJson, customMetadata, data });
    const stored = { position, record };
    // Positions have gaps, as in EventStoreDB: no client may rely on consecutive ones.
    nextPosition += BigInt(record.length);
    events.push({ event: stored, stream });
    return stored;
  }

  /** The first write after a soft delete, of an event or of metadata, keeps the deleted events hidden. */
  function undelete(stream: string, firstRevision: bigint): void {
    const metastream = metastreamOf(stream);
    const metadata = eventAt(metastream, stateOf(metastream).lastRevision);
    const data = undeleted(metadata ? eventData(frameOf(metadata)) : Buffer.alloc(0), firstRevision);
    writeMetadata(metastream, data);
  }

  function writeMetadata(metastream: string, data: Buffer): bigint {
    return writeEvent(metastream, stage(metastream), serverMade("$metadata", true, data));
  }

  function remove(kind: "delete" | "tombstone", stream: string, expected: ExpectedRevision): WriteOutcome {
    const decision = decideDelete(factsOf(stream), expected, kind === "tombstone");
    if (decision.kind === "stream_deleted") return { kind: "stream_deleted", stream };
    if (decision.kind === "wrong_expected_version") return decision;
    if (kind === "delete") {
      const position = writeMetadata(metastreamOf(stream), softDelete);
      return { kind: "success", revision: stateOf(stream).lastRevision, position };
    }
    const { position } = encode(stream, maxRevision, serverMade("$streamDeleted", false, Buffer.alloc(0)));
    stage(stream).tombstoned = true;
    const described = describedStream(stream);
    if (described !== undefined) staged.describe(described, false, unlimited);
    return { kind: "success", revision: maxRevision, position };
  }

  return {
    write(request) {
      if (request.kind !== "append") return remove(request.kind, request.stream, request.expected);
      if (request.deadline !== undefined && Date.now() > request.deadline) return { kind: "timeout" };
      return append(request.stream, request.expected, request.events);
    },
    changes: () => ({ events, nextPosition }),
    abandon() {
      for (const { event } of events) recent.forget(idOf(event));
    },
  };
}

function serverMade(type: string, isJson: boolean, data: Buffer): ValidEvent {
  return { id: newUuid(), type, isJson, customMetadata: Buffer.alloc(0), data };
}

function isOf(event: StoredEvent, stream: string): boolean {
  return streamNameOf(event).equals(Buffer.from(stream));
}
