import { type Candidate, type Found, isSentence } from "./candidates.ts";
import { blankBefore, indentOf, type TextLines, textBetween } from "./lines.ts";
import { lengthsBelow, medianOf, type Stretch } from "./spread.ts";
import { isBareNumber, rankOf } from "./units.ts";

/** The text of a heading that fills a gap is at least this share of the usual, and so long in UTF-16 units. */
const leastText = { share: 0.1, length: 30 };
/** So many headings that go on with the numbers need not look like the others. */
const surelyGoesOn = 3;
/** How far a number may jump in a chain that fills a gap. */
const jump = 2;

/**
 * Puts headings of other forms where they go on with the numbers: 第十四章 after 第十三幕, 第二十节 among 章, a bare number that
 * has no blank line above it among those that have. What fills a gap has text of its own and looks like its neighbours, or
 * is one of several in a row.
 */
export function fillGaps(
  lines: TextLines,
  stretch: Stretch,
  chosen: readonly Candidate[],
  byUnit: ReadonlyMap<string, readonly Found[]>,
  volumes: readonly number[],
): readonly Candidate[] {
  const { unit } = chosen[0] ?? { unit: "" };
  const rank = rankOf(unit);
  const taken = new Set([...chosen.map(({ line }) => line), ...volumes]);
  const others = [...byUnit]
    .flatMap(([other, found]) => (other === unit || rankOf(other) >= Math.min(3, rank) ? found : []))
    .filter(({ line, rest, before, unit: own }) => {
      const named = before !== undefined && own === "名";
      return !named && !taken.has(line) && !isSentence(rest) && rankOf(own) <= 5;
    })
    .sort((a, b) => a.line - b.line);
  if (chosen.length === 0 || others.length === 0) return chosen;
  const starts = chosen.map(({ line }) => line);
  const usual = medianOf(lengthsBelow(lines, starts, stretch.to));
  const filled: Candidate[] = [];
  let next = 0;
  let volume = 0;
  const fill = (before: Candidate | undefined, after: Candidate | undefined) => {
    const until = after?.line ?? stretch.to;
    const gap: Found[] = [];
    for (; next < others.length && others[next]!.line < until; next += 1) gap.push(others[next]!);
    while (volume < volumes.length && volumes[volume]! < (before?.line ?? 0)) volume += 1;
    const newVolume = (volumes[volume] ?? Number.POSITIVE_INFINITY) < until;
    if (gap.length === 0 || (newVolume && before !== undefined)) return;
    filled.push(...chainOf(lines, gap, before, after, { until, usual }));
  };
  fill(undefined, chosen[0]);
  chosen.forEach((candidate, index) => {
    filled.push(candidate);
    fill(candidate, chosen[index + 1]);
  });
  return filled;
}

type Bounds = { readonly until: number; readonly usual: number };

/** The longest chain of one form in the gap that goes on with the numbers; of equal ones the first. */
function chainOf(
  lines: TextLines,
  gap: readonly Found[],
  before: Candidate | undefined,
  after: Candidate | undefined,
  bounds: Bounds,
): readonly Candidate[] {
  const from = before?.number ?? 0;
  const to = after === undefined || after.number <= from ? Number.POSITIVE_INFINITY : after.number;
  if (before === undefined && to === Number.POSITIVE_INFINITY) return [];
  if (to - from < 2) return [];
  let best: readonly Found[] = [];
  for (const unit of new Set(gap.map((form) => form.unit))) {
    const chain = risingFrom(
      gap.filter((form) => form.unit === unit && form.number > from && form.number < to),
      from,
    );
    const own = withText(lines, chain, bounds);
    if (own.length > best.length && fits(lines, own, (before ?? after)!)) best = own;
  }
  return best.map((form) => ({ ...form, weight: 1 }));
}

function risingFrom(forms: readonly Found[], from: number): readonly Found[] {
  const chain: Found[] = [];
  let last = from;
  for (const form of forms) {
    if (form.number <= last || form.number > last + (chain.length === 0 ? 1 : jump)) continue;
    chain.push(form);
    last = form.number;
  }
  return chain;
}

function withText(lines: TextLines, chain: readonly Found[], { until, usual }: Bounds): readonly Found[] {
  const least = Math.max(leastText.length, leastText.share * usual);
  return chain.filter(({ line }, index) => textBetween(lines, line, chain[index + 1]?.line ?? until) >= least);
}

function fits(lines: TextLines, chain: readonly Found[], model: Candidate): boolean {
  if (chain.length === 0) return false;
  const { unit } = chain[0]!;
  const alike = ({ line, loose, labelled }: Found) =>
    (!loose || model.loose || labelled === true) &&
    indentOf(lines, line) === indentOf(lines, model.line) &&
    (unit === model.unit || blankBefore(lines, line) === blankBefore(lines, model.line));
  if (chain.every(alike) && (!isBareNumber(unit) || unit === model.unit)) return true;
  return chain.length >= surelyGoesOn && chain.every(({ loose }) => !loose || model.loose);
}
