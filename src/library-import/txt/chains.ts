import { groupBy } from "../../domain/groupBy.ts";
import { type Candidate, continuesSentence, type Found, isLoose } from "./candidates.ts";
import { blankBefore, indentOf, standsAlone, type TextLines, textBetween } from "./lines.ts";
import { isBareNumber } from "./units.ts";

/** The text of a heading that fills a gap is at least this share of the usual, and so long in UTF-16 units. */
const minText = { share: 0.1, length: 30 };
/** This many headings that continue the numbers need not have the form of the others. */
export const conclusiveLength = 3;
/** Minimum length of the text above and below a heading with a wrong number, as a share of the usual. */
const minTextOfSlip = 0.4;
/** Maximum jump of the numbers in a chain that fills a gap. */
const jump = 2;

/** Where a gap ends, and how long a chapter usually is, in UTF-16 units. */
export type Bounds = { readonly until: number; readonly usual: number };

/** The longest chain of one form in the gap that continues the numbers; of equal ones the first. */
export function chainOf(
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
  for (const forms of groupBy(gap, ({ unit }) => unit).values()) {
    const chain = risingFrom(
      forms.filter(({ number }) => number > from && number < to),
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
export function slipsOf(
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
    const enough = (from: number, to: number) => textBetween(lines, from, to) >= minTextOfSlip * usual;
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
  const minLength = Math.max(minText.length, minText.share * usual);
  return chain.filter(({ line }, index) => textBetween(lines, line, chain[index + 1]?.line ?? until) >= minLength);
}

function fits(lines: TextLines, chain: readonly Found[], model: Candidate): boolean {
  if (chain.length === 0) return false;
  const { unit } = chain[0]!;
  const isApart = blankBefore(lines, model.line);
  const alike = (form: Found) =>
    indentOf(lines, form.line) === indentOf(lines, model.line) &&
    (unit === model.unit || blankBefore(lines, form.line) === isApart) &&
    (!isLoose(form) || isLoose(model) || (isApart && standsAlone(lines, form.line) && !continuesSentence(form)));
  const minLength = (isBareNumber(unit) || unit === "名") && unit !== model.unit ? 2 : 1;
  if (chain.every(alike)) return chain.length >= minLength;
  return chain.length >= conclusiveLength && chain.every((form) => !isLoose(form) || isLoose(model));
}
