import {
  describedStream,
  maxRevision,
  parseRetention,
  type Retention,
  unlimited,
} from "../semantics/stream-metadata.ts";
import { DamagedStore } from "../storage/damage.ts";
import { eventTypeOf, frameOf, revisionOf, type StoredEvent } from "../storage/record.ts";
import { eventData } from "../wire/recorded-event.ts";

/** The data of one stream in memory: about 200 bytes, and 8 for each event. */
export type Stream = {
  /** The revision of the first stored event; earlier ones were scavenged. */
  firstRevision: bigint;
  /** The ordinals of the events from there on. */
  ordinals: number[];
  /** The ordinal of the tombstone. */
  tombstone: number | undefined;
  hasMetadata: boolean;
  retention: Retention;
};

export type Streams = {
  find(name: string): Stream | undefined;
  /** Applies the next event of the log, which belongs to this stream. The state of streams depends only on their events. */
  apply(name: string, event: StoredEvent, ordinal: number): void;
  /** Returns whether `apply` uses only the revision of the event. */
  isPlain(name: string, event: StoredEvent): boolean;
  /** Applies the next plain events of a stream, with consecutive revisions. Their ordinals are `firstOrdinal` plus each number. */
  applyPlain(name: string, firstRevision: bigint, firstOrdinal: number, numbers: Uint32Array): void;
};

/** The streams of a log: a fold of its events, built while the log is opened and updated with each commit. */
export function openStreams(): Streams {
  const byName = new Map<string, Stream>();

  function streamOf(name: string): Stream {
    const known = byName.get(name);
    if (known) return known;
    const stream: Stream = {
      firstRevision: 0n,
      ordinals: [],
      tombstone: undefined,
      hasMetadata: false,
      retention: unlimited,
    };
    byName.set(name, stream);
    return stream;
  }

  return {
    find: (name) => byName.get(name),
    apply(name, event, ordinal) {
      const stream = streamOf(name);
      const described = describedStream(name);
      if (isTombstone(event)) {
        stream.tombstone = ordinal;
        if (described !== undefined) Object.assign(streamOf(described), { hasMetadata: false, retention: unlimited });
        return;
      }
      addRevision(stream, name, revisionOf(event), ordinal);
      if (described === undefined) return;
      const target = streamOf(described);
      target.hasMetadata = true;
      target.retention = parseRetention(eventData(frameOf(event)));
    },
    isPlain: (name, event) => describedStream(name) === undefined && !isTombstone(event),
    applyPlain(name, firstRevision, firstOrdinal, numbers) {
      const stream = streamOf(name);
      addRevision(stream, name, firstRevision, firstOrdinal + (numbers[0] as number));
      for (let n = 1; n < numbers.length; n++) stream.ordinals.push(firstOrdinal + (numbers[n] as number));
    },
  };
}

function addRevision(stream: Stream, name: string, revision: bigint, ordinal: number): void {
  const last = lastRevision(stream);
  if (stream.ordinals.length === 0 && revision > last) {
    stream.firstRevision = revision;
    // An array literal of one takes 16 bytes, a pushed one 150: most streams of some logs have one event.
    stream.ordinals = [ordinal];
    return;
  }
  if (revision !== last + 1n) throw new DamagedStore(`the log has event ${revision} of ${name} after event ${last}`);
  stream.ordinals.push(ordinal);
}

export function isTombstone(event: StoredEvent): boolean {
  return revisionOf(event) === maxRevision && eventTypeOf(event).equals(streamDeletedType);
}

const streamDeletedType = Buffer.from("$streamDeleted");

/** -1 for a stream without events. */
export function lastRevision({ firstRevision, ordinals }: Stream): bigint {
  return firstRevision + BigInt(ordinals.length) - 1n;
}

export function ordinalOf({ firstRevision, ordinals }: Stream, revision: bigint): number | undefined {
  return ordinals[Number(revision - firstRevision)];
}

/** Drops the events before a revision: they were scavenged. */
export function forgetBefore(stream: Stream, revision: bigint): void {
  if (revision <= stream.firstRevision) return;
  stream.ordinals = stream.ordinals.slice(Number(revision - stream.firstRevision));
  stream.firstRevision = revision;
}
