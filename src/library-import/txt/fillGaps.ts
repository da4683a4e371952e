import { type Candidate, type Found, goesOnLikeText, isLoose, isSentence } from "./candidates.ts";
import { blankBefore, indentOf, standsAlone, type TextLines, textBetween } from "./lines.ts";
import { lengthsBelow, medianOf, type Stretch } from "./spread.ts";
import { isBareNumber, rankOf } from "./units.ts";

/** The text of a heading that fills a gap is at least this share of the usual, and so long in UTF-16 units. */
const leastText = { share: 0.1, length: 30 };
/** So many headings that go on with the numbers need not look like the others. */
const surelyGoesOn = 3;
/** Bare numbers that begin again so often are sections. */
const mostFirsts = 2;
/** What a heading with a wrong number leaves above and below it, as a share of the usual. */
const leastOfSlip = 0.4;
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
): readonly Candidate[] {
  const { unit } = chosen[0] ?? { unit: "" };
  const rank = rankOf(unit);
  if (chosen.length === 0) return chosen;
  const taken = new Set(chosen.map(({ line }) => line));
  const mayFill = new Map<string, boolean>();
  for (const [own, found] of byUnit) {
    const isSection = isBareNumber(own) && found.filter(({ number }) => number === 1).length > mostFirsts;
    mayFill.set(own, !isSection && (own === unit || rankOf(own) >= Math.min(3, rank)));
  }
  const others = inOrder(byUnit).filter(({ line, unit: own }) => mayFill.get(own) === true && !taken.has(line));
  const starts = chosen.map(({ line }) => line);
  const usual = medianOf(lengthsBelow(lines, starts, stretch.to));
  const filled: Candidate[] = [];
  let next = 0;
  const fill = (before: Candidate | undefined, after: Candidate | undefined) => {
    const until = after?.line ?? stretch.to;
    const gap: Found[] = [];
    for (; next < others.length && others[next]!.line < until; next += 1) gap.push(others[next]!);
    if (gap.length === 0) return;
    const chain = chainOf(lines, gap, before, after, { until, usual });
    filled.push(...(chain.length > 0 ? chain : slipsOf(lines, gap, before, { until, usual })));
  };
  fill(undefined, chosen[0]);
  chosen.forEach((candidate, index) => {
    filled.push(candidate);
    fill(candidate, chosen[index + 1]);
  });
  return [
    ...volumesLeadingTo(lines, filled[0]!, byUnit, usual),
    ...filled,
    ...volumesGoingOn(lines, filled.at(-1)!, byUnit, { until: stretch.to, usual }),
  ];
}

/** What `inOrder` found: each unit asks for the same. */
const ordered = new WeakMap<ReadonlyMap<string, readonly Found[]>, readonly Found[]>();

/** The lines of all units that read like no sentence, in order. */
function inOrder(byUnit: ReadonlyMap<string, readonly Found[]>): readonly Found[] {
  const known = ordered.get(byUnit);
  if (known !== undefined) return known;
  const all = [...byUnit.values()].flatMap(withoutSentences).sort((a, b) => a.line - b.line);
  ordered.set(byUnit, all);
  return all;
}

/** What `withoutSentences` found: each unit asks for those of the others. */
const titled = new WeakMap<readonly Found[], readonly Found[]>();

function withoutSentences(found: readonly Found[]): readonly Found[] {
  const known = titled.get(found) ?? found.filter(({ rest }) => !isSentence(rest));
  titled.set(found, known);
  return known;
}

/** What is otherwise a volume counts up to the first chapter, which goes on with its numbers: 第五十三章 after 第五十二集. */
function volumesLeadingTo(
  lines: TextLines,
  first: Candidate,
  byUnit: ReadonlyMap<string, readonly Found[]>,
  usual: number,
): readonly Candidate[] {
  for (const [unit, found] of byUnit) {
    if (unit === first.unit || rankOf(unit) >= Math.min(3, rankOf(first.unit))) continue;
    const above = withoutSentences(found).filter(({ line }) => line < first.line);
    if (above.at(-1)?.number !== first.number - 1) continue;
    const chain = chainOf(lines, above, undefined, first, { until: first.line, usual });
    if (chain.length >= surelyGoesOn && chain.length === above.length) return chain;
  }
  return [];
}

/** What is otherwise a volume goes on with the numbers of the chapters behind the last of them: 第五十三集 after 第五十二章. */
function volumesGoingOn(
  lines: TextLines,
  last: Candidate,
  byUnit: ReadonlyMap<string, readonly Found[]>,
  bounds: Bounds,
): readonly Candidate[] {
  for (const [unit, found] of byUnit) {
    if (unit === last.unit || rankOf(unit) >= Math.min(3, rankOf(last.unit))) continue;
    const behind = withoutSentences(found).filter(({ line }) => line > last.line);
    const chain = chainOf(lines, behind, last, undefined, bounds);
    if (chain.length >= surelyGoesOn && chain[0]!.number === last.number + 1) return chain;
  }
  return [];
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

/**
 * Headings with a wrong number: 第四章 twice, the second for the fifth. They look like the one above, and part a text that is
 * too long for one chapter into two of usual length.
 */
function slipsOf(
  lines: TextLines,
  gap: readonly Found[],
  before: Candidate | undefined,
  { until, usual }: Bounds,
): readonly Candidate[] {
  if (before === undefined) return [];
  const slips: Candidate[] = [];
  let above = before.line;
  for (const form of gap) {
    const near = form.unit === before.unit && Math.abs(form.number - before.number) <= jump;
    const enough = (from: number, to: number) => textBetween(lines, from, to) >= leastOfSlip * usual;
    if (!near || !enough(above, form.line) || !enough(form.line, until) || !fits(lines, [form], before)) continue;
    slips.push({ ...form, weight: 1 });
    above = form.line;
  }
  return slips;
}

function risingFrom(forms: readonly Found[], from: number): readonly Found[] {
  const chain: Found[] = [];
  let last = from;
  for (const form of forms) {
    if (form.number < last + (chain.length === 0 ? 1 : 0) || form.number > last + jump) continue;
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
  const isApart = blankBefore(lines, model.line);
  const alike = (form: Found) =>
    indentOf(lines, form.line) === indentOf(lines, model.line) &&
    (unit === model.unit || blankBefore(lines, form.line) === isApart) &&
    (!isLoose(form) || isLoose(model) || (isApart && standsAlone(lines, form.line) && !goesOnLikeText(form)));
  const least = (isBareNumber(unit) || unit === "名") && unit !== model.unit ? 2 : 1;
  if (chain.every(alike)) return chain.length >= least;
  return chain.length >= surelyGoesOn && chain.every((form) => !isLoose(form) || isLoose(model));
}
