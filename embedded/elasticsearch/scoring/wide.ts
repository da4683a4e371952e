import { Bits } from "../index/bits.ts";
import type { Snapshot } from "../index/snapshot.ts";
import type { Docs } from "./matches.ts";
import { keyOf, type Query } from "./query.ts";

/** The share of all documents from which a term is wide. */
const wideShare = 1 / 8;

/** Separates the queries for a term that most documents have, which narrow little and have long lists, from the others. */
export function splitWide(queries: readonly Query[], snapshot: Snapshot): [wide: Query[], narrower: Query[]] {
  const wide: Query[] = [];
  const narrower: Query[] = [];
  for (const one of queries) {
    const isWide =
      one.k === "term" &&
      one.terms.length === 1 &&
      snapshot.docFreq(one.field, one.terms[0]!) >= wideShare * snapshot.maxDoc;
    (isWide ? wide : narrower).push(one);
  }
  return [wide, narrower];
}

/** Returns the documents of `docs` that wide queries match as well, each by a set that is built once per snapshot. */
export function within(
  docs: Docs,
  wide: readonly Query[],
  snapshot: Snapshot,
  documents: (query: Query, snapshot: Snapshot) => Docs,
): Docs {
  const sets = wide.map((one) =>
    snapshot.remember(keyOf(one), () => Bits.of(documents(one, snapshot), snapshot.maxDoc)),
  );
  const kept = new Int32Array(docs.length);
  let count = 0;
  next: for (let at = 0; at < docs.length; at++) {
    const doc = docs[at]!;
    for (const set of sets) if (!set.has(doc)) continue next;
    kept[count++] = doc;
  }
  return kept.subarray(0, count);
}
