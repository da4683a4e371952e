import type { Document } from "../documents/document.ts";
import { buildSegment, type Segment, type Stored } from "./segment.ts";
import { emptySnapshot, Snapshot } from "./snapshot.ts";

/** More segments than these are merged into one, which forgets the deleted documents. */
const maxSegments = 10;

type Operation = { readonly at: number; readonly id: string; readonly stored: Stored };
type Held = { readonly segment: Segment; readonly deleted: Set<number> };

/**
 * The searchable side of an index. What was written becomes visible at a refresh, all at once and in its order.
 * Times are in milliseconds.
 */
export function createShard() {
  let segments: Held[] = [];
  let buffer: Operation[] = [];
  let snapshot = emptySnapshot;
  /** Where each document alive lies. */
  const places = new Map<string, { held: Held; doc: number }>();

  function merge(): void {
    const docs = segments.flatMap(({ segment, deleted }) => segment.docs.filter((_, doc) => !deleted.has(doc)));
    const held = { segment: buildSegment(docs), deleted: new Set<number>() };
    for (const [doc, stored] of docs.entries()) places.set(stored!.document.id, { held, doc });
    segments = docs.length === 0 ? [] : [held];
  }

  return {
    index(at: number, document: Document, version: number, seqNo: number): void {
      buffer.push({ at, id: document.id, stored: { document, version, seqNo } });
    },

    delete(at: number, id: string): void {
      buffer.push({ at, id, stored: undefined });
    },

    /** Shows what was written up to a time. */
    refresh(until = Number.POSITIVE_INFINITY): void {
      const operations = buffer.filter(({ at }) => at <= until);
      if (operations.length === 0) return;
      buffer = buffer.slice(operations.length);
      const held = { segment: buildSegment(operations.map(({ stored }) => stored)), deleted: new Set<number>() };
      operations.forEach(({ id, stored }, doc) => {
        const place = places.get(id);
        place?.held.deleted.add(place.doc);
        if (stored === undefined) {
          places.delete(id);
          held.deleted.add(doc);
        } else {
          places.set(id, { held, doc });
        }
      });
      segments = [...segments, held].filter(({ segment, deleted }) => deleted.size < segment.docs.length);
      if (segments.length > maxSegments) merge();
      snapshot = new Snapshot(segments);
    },

    /** Whether something waits for a refresh, and since when. */
    waitsSince: (): number | undefined => buffer[0]?.at,

    snapshot: () => snapshot,
  };
}
