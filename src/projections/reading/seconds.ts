/** The length of a slot in seconds. All UTC offsets since 1973 are multiples of it, so a slot lies within one local hour. */
export const slotSeconds = 900;

/** Seconds within a slot, `from` inclusive, `to` exclusive: 0 ≤ from < to ≤ 900. */
export type Range = readonly [from: number, to: number];

/** The part of an interval within one slot. Slots are numbered from 1970-01-01T00:00Z. */
export type SlotPart = { readonly slot: number; readonly range: Range };

/** The parts of the `seconds` seconds before `end`, by slot; `end` is truncated to seconds. Empty for 0 seconds. */
export function slotsOf(end: Date, seconds: number): readonly SlotPart[] {
  const to = Math.floor(end.getTime() / 1000);
  const from = to - seconds;
  const parts: SlotPart[] = [];
  for (let at = from; at < to; at = (Math.floor(at / slotSeconds) + 1) * slotSeconds) {
    const slot = Math.floor(at / slotSeconds);
    const start = slot * slotSeconds;
    parts.push({ slot, range: [Math.max(from, start) - start, Math.min(to, start + slotSeconds) - start] });
  }
  return parts;
}

/** The union of disjoint, ordered `ranges` with one more. Independent of order and repetitions. */
export function withRange(ranges: readonly Range[], [from, to]: Range): readonly Range[] {
  const disjoint = ranges.filter((range) => range[1] < from || range[0] > to);
  const joined = ranges.filter((range) => range[1] >= from && range[0] <= to);
  const union: Range = [
    Math.min(from, ...joined.map(([start]) => start)),
    Math.max(to, ...joined.map(([, end]) => end)),
  ];
  return [...disjoint, union].sort(([left], [right]) => left - right);
}

/** The total length of the ranges in seconds. */
export function secondsIn(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** Ranges as text in a column: `0-30 600-900`. */
export function rangesText(ranges: readonly Range[]): string {
  return ranges.map(([from, to]) => `${from}-${to}`).join(" ");
}

/** Parses the text of `rangesText`. */
export function rangesOf(text: string): readonly Range[] {
  return text.split(" ").map((range) => {
    const [from = 0, to = 0] = range.split("-").map(Number);
    return [from, to] as const;
  });
}
