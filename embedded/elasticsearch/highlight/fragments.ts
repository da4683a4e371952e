import type { Weight } from "./weights.ts";

/** A token with its offsets in the text and its position. */
export type HighlightToken = {
  readonly term: string;
  readonly start: number;
  readonly end: number;
  readonly increment: number;
};
export type Fragment = { readonly text: string; readonly score: number; readonly number: number };

export type Format = { readonly mark: (text: string) => string; readonly encode: (text: string) => string };

/** Decides where a fragment ends: called for each token that begins after the previous ones. */
export type Fragmenter = (token: HighlightToken, textLength: number) => boolean;

/** Tokens that overlap are marked as one: from the first to the last of them with a weight. */
type Group = { start: number; end: number; matchStart: number; matchEnd: number; total: number; count: number };

const maxGroup = 50;

/**
 * Lucene's Highlighter.getBestTextFragments: marks terms that have a weight and cuts the text by the fragmenter. Returns the best
 * fragments first, `limit` at most.
 */
export function bestFragments(
  text: string,
  tokens: readonly HighlightToken[],
  weights: ReadonlyMap<string, Weight>,
  fragmenter: Fragmenter,
  limit: number,
  { mark, encode }: Format,
): Fragment[] {
  const fragments: { from: number; to: number; score: number }[] = [{ from: 0, to: 0, score: 0 }];
  let marked = "";
  let lastEnd = 0;
  let position = -1;
  let found = new Set<string>();
  let group: Group | undefined;

  const scoreOf = (term: string): number => {
    const known = weights.get(term);
    if (known === undefined) return 0;
    if (known.spans !== undefined && !known.spans.some(([from, to]) => position >= from && position <= to)) return 0;
    if (!found.has(term)) {
      fragments.at(-1)!.score += known.weight;
      found.add(term);
    }
    return known.weight;
  };
  const flush = (one: Group) => {
    const part = encode(text.slice(one.matchStart, one.matchEnd));
    if (one.matchStart > lastEnd) marked += encode(text.slice(lastEnd, one.matchStart));
    marked += one.total > 0 ? mark(part) : part;
    lastEnd = Math.max(one.matchEnd, lastEnd);
  };

  for (const token of tokens) {
    if (group !== undefined && token.start >= group.end) {
      flush(group);
      group = undefined;
      if (fragmenter(token, text.length)) {
        fragments.at(-1)!.to = marked.length;
        fragments.push({ from: marked.length, to: marked.length, score: 0 });
        found = new Set();
      }
    }
    position += token.increment;
    group = joined(group, token, scoreOf(token.term));
  }
  if (group !== undefined) flush(group);
  if (lastEnd < text.length) marked += encode(text.slice(lastEnd));
  fragments.at(-1)!.to = marked.length;
  const order = fragments.map((fragment, number) => ({ ...fragment, number }));
  const best = order.toSorted((a, b) => b.score - a.score || a.number - b.number).slice(0, limit);
  return best.map(({ from, to, score, number }) => ({ text: marked.slice(from, to), score, number }));
}

function joined(group: Group | undefined, { start, end }: HighlightToken, score: number): Group {
  if (group === undefined) return { start, end, matchStart: start, matchEnd: end, total: score, count: 1 };
  if (group.count >= maxGroup) return group;
  group.count += 1;
  group.start = Math.min(group.start, start);
  group.end = Math.max(group.end, end);
  if (score <= 0) return group;
  group.matchStart = group.total === 0 ? start : Math.min(group.matchStart, start);
  group.matchEnd = group.total === 0 ? end : Math.max(group.matchEnd, end);
  group.total += score;
  return group;
}

/** One fragment: the whole text. */
export const wholeText: Fragmenter = () => false;

export function simpleFragmenter(size: number): Fragmenter {
  let count = 1;
  return ({ end }) => {
    const isNew = end >= size * count;
    if (isNew) count += 1;
    return isNew;
  };
}

/** Cuts at `size` characters, but not within a phrase, nor where less than half of it would be left (SimpleSpanFragmenter). */
export function spanFragmenter(size: number, weights: ReadonlyMap<string, Weight>): Fragmenter {
  let count = 1;
  let position = -1;
  let waitFor = -1;
  return ({ term, end, increment }, textLength) => {
    position += increment;
    if (waitFor <= position) waitFor = -1;
    else if (waitFor !== -1) return false;
    const span = weights.get(term)?.spans?.find(([from]) => from === position);
    if (span !== undefined) waitFor = span[1] + 1;
    const isNew = end >= size * count && textLength - end >= size >>> 1;
    if (isNew) count += 1;
    return isNew;
  };
}
