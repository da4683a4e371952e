import { type FieldIndex, findPosting } from "../index/postings.ts";
import type { Leaf, Snapshot } from "../index/snapshot.ts";
import { idf, scorer } from "./bm25.ts";
import { type Docs, type Matches, noDocs, seek } from "./matches.ts";
import { sloppyFrequency } from "./phrase.ts";
import type { Query } from "./query.ts";
import { norm } from "./terms.ts";

type Phrase = Extract<Query, { k: "phrase" }>;

/** A word of a phrase in one segment: its documents, and where the positions of each begin. */
type Word = { readonly docs: Docs; readonly starts: Int32Array; readonly positions: Int32Array };

export function phraseMatches(phrase: Phrase, snapshot: Snapshot, boost: number): Matches {
  const { field, parts } = phrase;
  const statistics = snapshot.statistics(field);
  const frequencies = parts.flatMap(({ terms }) => terms).map((name) => snapshot.docFreq(field, name));
  const used = frequencies.filter((docFreq) => docFreq > 0);
  const idfSum = Math.fround(used.reduce((sum, docFreq) => sum + idf(docFreq, statistics.docCount), 0));
  const score = scorer(boost, idfSum, statistics);
  const docs: number[] = [];
  const scores: number[] = [];
  eachPhrase(phrase, snapshot, (index, doc, base, freq) => {
    docs.push(base + doc);
    scores.push(score(freq, norm(index, doc)));
  });
  return docs.length === 0
    ? { docs: noDocs, scores: new Float32Array(0) }
    : { docs: Int32Array.from(docs), scores: Float32Array.from(scores) };
}

export function phraseDocs(phrase: Phrase, snapshot: Snapshot): Docs {
  const docs: number[] = [];
  eachPhrase(phrase, snapshot, (_index, doc, base) => docs.push(base + doc));
  return docs.length === 0 ? noDocs : Int32Array.from(docs);
}

type Take = (index: FieldIndex, doc: number, base: number, freq: number) => void;

function eachPhrase({ field, parts, slop }: Phrase, snapshot: Snapshot, take: Take): void {
  const offsets = parts.map(({ position }) => position);
  const same = parts.map((part) => parts.findIndex((other) => other.terms.some((name) => part.terms.includes(name))));
  for (const { index, leaf } of snapshot.fields(field)) {
    const words = parts.flatMap(({ terms }) => wordOf(index, terms) ?? []);
    if (words.length < parts.length) continue;
    eachCandidate(words, leaf, (doc, entries) => {
      const freq =
        slop === 0
          ? exactFrequency(words, entries, offsets)
          : sloppyFrequency(
              words.map(({ starts, positions }, at) =>
                Array.from(positions.subarray(starts[entries[at]!], starts[entries[at]! + 1])),
              ),
              offsets,
              same,
              slop,
            );
      if (freq > 0) take(index, doc, leaf.base, freq);
    });
  }
}

/** Live documents that have all words, with the entry of each word. */
function eachCandidate(words: readonly Word[], { live }: Leaf, take: (doc: number, entries: Int32Array) => void): void {
  const entries = new Int32Array(words.length);
  let rarest = 0;
  for (let at = 1; at < words.length; at++) if (words[at]!.docs.length < words[rarest]!.docs.length) rarest = at;
  const { docs } = words[rarest]!;
  candidates: for (let entry = 0; entry < docs.length; entry++) {
    const doc = docs[entry]!;
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      const found = at === rarest ? entry : seek(word.docs, doc, entries[at]!, word.docs.length);
      if (found === word.docs.length) return;
      entries[at] = found;
      if (word.docs[found] !== doc) continue candidates;
    }
    if (live === undefined || live.has(doc)) take(doc, entries);
  }
}

/**
 * Returns how often the words follow each other exactly. The positions of the first word are counted: a word with alternatives at
 * the same position counts each of them.
 */
function exactFrequency(words: readonly Word[], entries: Int32Array, offsets: readonly number[]): number {
  const [first] = words;
  let freq = 0;
  const end = first!.starts[entries[0]! + 1]!;
  starts: for (let at = first!.starts[entries[0]!]!; at < end; at++) {
    const start = first!.positions[at]! - offsets[0]!;
    for (let other = 1; other < words.length; other++) {
      if (!hasPosition(words[other]!, entries[other]!, start + offsets[other]!)) continue starts;
    }
    freq += 1;
  }
  return freq;
}

function hasPosition({ starts, positions }: Word, entry: number, wanted: number): boolean {
  for (let at = starts[entry]!; at < starts[entry + 1]!; at++) {
    if (positions[at]! >= wanted) return positions[at] === wanted;
  }
  return false;
}

function wordOf(index: FieldIndex, names: readonly string[]): Word | undefined {
  const { positionStarts, positions, docs } = index;
  if (positionStarts === undefined) return undefined;
  const [first, ...more] = names.flatMap((name) => findPosting(index, name) ?? []);
  if (first === undefined) return undefined;
  if (more.length === 0) {
    return {
      docs: docs.subarray(first.from, first.to),
      starts: positionStarts.subarray(first.from, first.to + 1),
      positions,
    };
  }
  // Alternatives at one position: their positions merged.
  const byDoc = new Map<number, number[]>();
  for (const { from, to } of [first, ...more]) {
    for (let entry = from; entry < to; entry++) {
      const own = positions.subarray(positionStarts[entry], positionStarts[entry + 1]);
      byDoc.set(docs[entry]!, [...(byDoc.get(docs[entry]!) ?? []), ...own]);
    }
  }
  const sorted = [...byDoc].sort(([a], [b]) => a - b);
  const starts = [0];
  for (const [, own] of sorted) starts.push(starts.at(-1)! + own.length);
  return {
    docs: Int32Array.from(sorted, ([doc]) => doc),
    starts: Int32Array.from(starts),
    positions: Int32Array.from(sorted.flatMap(([, own]) => own.sort((a, b) => a - b))),
  };
}
