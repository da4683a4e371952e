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
  /** The revision of the first event that is kept; those before it were scavenged. */
  firstRevision: bigint;
  /** The ordinals in the log of the events from there on. */
  ordinals: number[];
  /** The ordinal of the tombstone. */
  tombstone: number | undefined;
  hasMetadata: boolean;
  retention: Retention;
};

export type Streams = {
  find(name: string): Stream | undefined;
  /** Takes in the next event of the log, of this stream. All that is known of streams follows from their events. */
  apply(name: string, event: StoredEvent, ordinal: number): void;
  /** Returns whether `apply` uses only the revision of the event. */
  isPlain(name: string, event: StoredEvent): boolean;
  /** Takes in the next plain events of a stream, whose revisions follow one another. Their ordinals are `firstOrdinal` and a number each. */
  applyPlain(name: string, firstRevision: bigint, firstOrdinal: number, numbers: Uint32Array): void;
};

/** The streams of a log: a fold of its events, made while the log is opened and kept up with each commit. */
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

/** Forgets the events before a revision: they are scavenged. */
export function forgetBefore(stream: Stream, revision: bigint): void {
  if (revision <= stream.firstRevision) return;
  stream.ordinals = stream.ordinals.slice(Number(revision - stream.firstRevision));
  stream.firstRevision = revision;
}
