import { type FieldIndex, findPosting, frequency, type Posting } from "../index/postings.ts";
import type { Leaf, Snapshot } from "../index/snapshot.ts";
import { Accumulator } from "./accumulator.ts";
import { idf, scorer } from "./bm25.ts";
import { type Docs, type Matches, noDocs, noMatches } from "./matches.ts";

/** Where any of the terms occurs in each segment. */
function postingsOf(field: string, names: readonly string[], snapshot: Snapshot) {
  return snapshot.fields(field).flatMap(({ index, leaf }) => {
    const postings = names.flatMap((name) => findPosting(index, name) ?? []);
    return postings.length === 0 ? [] : [{ index, leaf, postings }];
  });
}

/** Keywords and the like have no norms: their length counts as 1. */
export const norm = ({ norms }: FieldIndex, doc: number) => (norms === undefined ? 1 : norms[doc]!);

/** Any of the terms counts as one. Scores with the highest document frequency of the terms in `among`. */
export function termMatches(
  field: string,
  names: readonly string[],
  snapshot: Snapshot,
  boost: number,
  among = names,
): Matches {
  const docFreq = Math.max(...among.map((name) => snapshot.docFreq(field, name)));
  if (docFreq === 0) return noMatches;
  const statistics = snapshot.statistics(field);
  const score = scorer(boost, idf(docFreq, statistics.docCount), statistics);
  const found = postingsOf(field, names, snapshot);
  const most = found.reduce((sum, { postings }) => sum + total(postings), 0);
  const docs = new Int32Array(most);
  const scores = new Float32Array(most);
  let count = 0;
  for (const { index, leaf, postings } of found) {
    const [only, ...more] = postings;
    if (only !== undefined && more.length === 0) {
      const { live, base } = leaf;
      for (let entry = only.from; entry < only.to; entry++) {
        const doc = index.docs[entry]!;
        if (live !== undefined && !live.has(doc)) continue;
        docs[count] = base + doc;
        scores[count++] = score(frequency(index, entry), norm(index, doc));
      }
      continue;
    }
    eachFrequency(index, leaf, postings, (doc, freq) => {
      docs[count] = leaf.base + doc;
      scores[count++] = score(freq, norm(index, doc));
    });
  }
  return { docs: docs.subarray(0, count), scores: scores.subarray(0, count) };
}

/** The documents of any of the terms, in order. */
export function termDocs(field: string, names: readonly string[], snapshot: Snapshot): Docs {
  const found = postingsOf(field, names, snapshot);
  const [only] = found;
  if (only === undefined) return noDocs;
  const { index, leaf, postings } = only;
  // Usually there is nothing to copy.
  if (found.length === 1 && postings.length === 1 && leaf.live === undefined && leaf.base === 0) {
    return index.docs.subarray(postings[0]!.from, postings[0]!.to);
  }
  if (found.every(({ postings }) => postings.length === 1)) return joined(found);
  return Accumulator.use(snapshot.maxDoc, (all) => {
    for (const { index, leaf, postings } of found) {
      eachFrequency(index, leaf, postings, (doc) => all.add(leaf.base + doc, 1));
    }
    return all.docs();
  });
}

/** Joins the lists of the segments, which follow each other. */
function joined(found: ReturnType<typeof postingsOf>): Docs {
  const docs = new Int32Array(found.reduce((sum, { postings }) => sum + total(postings), 0));
  let count = 0;
  for (const { index, leaf, postings } of found) {
    const { live, base } = leaf;
    const { from, to } = postings[0]!;
    for (let entry = from; entry < to; entry++) {
      const doc = index.docs[entry]!;
      if (live === undefined || live.has(doc)) docs[count++] = base + doc;
    }
  }
  return docs.subarray(0, count);
}

const total = (postings: readonly Posting[]) => postings.reduce((sum, { from, to }) => sum + to - from, 0);

/** The live documents of several postings in order, each with how often any of the terms occurs. */
function eachFrequency(
  index: FieldIndex,
  { live }: Leaf,
  postings: readonly Posting[],
  take: (doc: number, freq: number) => void,
): void {
  const most = Math.max(...postings.map(({ to }) => index.docs[to - 1]!)) + 1;
  Accumulator.use(most, (freqs) => {
    for (const { from, to } of postings) {
      for (let entry = from; entry < to; entry++) freqs.add(index.docs[entry]!, frequency(index, entry));
    }
    for (const doc of freqs.docs()) if (live === undefined || live.has(doc)) take(doc, freqs.sums[doc]!);
  });
}
