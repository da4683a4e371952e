import type { Document } from "../documents/document.ts";
import { Bits } from "./bits.ts";
import type { Dictionaries } from "./dictionary.ts";
import { Segment, type Stored } from "./segment.ts";
import { emptySnapshot, type Held, Snapshot } from "./snapshot.ts";

/** With more segments than this the last ones are merged, which drops their deleted documents. */
const maxSegments = 10;

type Operation = { readonly at: number; readonly id: string; readonly stored: Stored };

/**
 * The searchable side of an index. Writes become visible at a refresh, all at once and in their order.
 * Times are in milliseconds.
 */
export function createShard(dictionaries: Dictionaries) {
  let segments: Held[] = [];
  let buffer: Operation[] = [];
  let snapshot = emptySnapshot;
  /** The location of each live document. */
  const places = new Map<string, { held: Held; doc: number }>();

  const hold = (docs: readonly Stored[]): Held => ({
    segment: new Segment(docs, dictionaries),
    deleted: new Bits(docs.length),
    alive: docs.length,
  });

  function remove(held: Held, doc: number): void {
    held.deleted.add(doc);
    held.alive -= 1;
  }

  /** Merges the last segments, back to one that is more than twice as large as all behind it. */
  function merge(): void {
    let from = segments.length - 1;
    let size = segments[from]!.alive;
    while (from > 0 && (from === segments.length - 1 || segments[from - 1]!.alive <= 2 * size)) {
      from -= 1;
      size += segments[from]!.alive;
    }
    const docs = segments
      .slice(from)
      .flatMap(({ segment, deleted }) => segment.docs.filter((_, doc) => !deleted.has(doc)));
    const held = hold(docs);
    for (const [doc, stored] of docs.entries()) places.set(stored!.document.id, { held, doc });
    segments = [...segments.slice(0, from), held];
  }

  return {
    index(at: number, document: Document, version: number, seqNo: number): void {
      buffer.push({ at, id: document.id, stored: { document, version, seqNo } });
    },

    delete(at: number, id: string): void {
      buffer.push({ at, id, stored: undefined });
    },

    /** Makes the writes up to a time visible. */
    refresh(until = Number.POSITIVE_INFINITY): void {
      const operations = buffer.filter(({ at }) => at <= until);
      if (operations.length === 0) return;
      buffer = buffer.slice(operations.length);
      const held = hold(operations.map(({ stored }) => stored));
      operations.forEach(({ id, stored }, doc) => {
        const place = places.get(id);
        if (place !== undefined) remove(place.held, place.doc);
        if (stored === undefined) {
          places.delete(id);
          remove(held, doc);
        } else {
          places.set(id, { held, doc });
        }
      });
      segments = [...segments, held].filter(({ alive }) => alive > 0);
      if (segments.length > maxSegments) merge();
      snapshot = new Snapshot(segments);
    },

    /** The time since which a document waits for a refresh; undefined if none does. */
    waitsSince: (): number | undefined => buffer[0]?.at,

    snapshot: () => snapshot,
  };
}
