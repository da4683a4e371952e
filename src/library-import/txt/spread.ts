import { type TextLines, textBetween } from "./lines.ts";

/** A stretch of the text, from its first line up to, without it, its last. */
export type Stretch = { readonly from: number; readonly to: number };

/** The distribution of the text of a stretch over the entries that begin at some lines. Shares are of the stretch's text. */
export type Spread = {
  /** UTF-16 units of the stretch. */
  readonly total: number;
  /** The share before the first entry. */
  readonly preface: number;
  /** The share that stands in entries of sound size, the preface among them. */
  readonly explained: number;
  /** The share of the entries that have no text. */
  readonly empty: number;
  /** UTF-16 units of the entry in the middle. */
  readonly median: number;
};

/** In a text of five or more entries, one is too large if it holds more of the text; fewer entries may be larger. */
const largestShare = 0.4;

/** The largest share of the text that one of `count` entries may hold. */
export function soundShare(count: number): number {
  return count >= 5 ? largestShare : Math.min(1, 2 / Math.max(1, count));
}

/** Measures how headings at `starts`, lines in order, spread the text of a stretch. */
export function spreadOf(lines: TextLines, { from, to }: Stretch, starts: readonly number[]): Spread {
  const total = lines.before[to]! - lines.before[from]!;
  const preface = (lines.before[starts[0] ?? to]! - lines.before[from]!) / Math.max(1, total);
  const lengths = lengthsBelow(lines, starts, to);
  const maxLength = soundShare(starts.length) * total;
  const sound = lengths.reduce((sum, length) => sum + (length <= maxLength ? length : 0), 0);
  const empty = lengths.filter((length) => length === 0).length / Math.max(1, lengths.length);
  const median = medianOf(lengths);
  const explained = sound / Math.max(1, total) + (preface <= largestShare ? preface : 0);
  return { total, preface, explained, empty, median };
}

/** Returns the number of UTF-16 units below each of some lines, in order, the last up to `end`. */
export function lengthsBelow(lines: TextLines, starts: readonly number[], end: number): readonly number[] {
  return starts.map((line, index) => textBetween(lines, line, starts[index + 1] ?? end));
}

/** The number in the middle; 0 of none. */
export function medianOf(numbers: readonly number[]): number {
  return Float64Array.from(numbers).sort()[Math.floor(numbers.length / 2)] ?? 0;
}
