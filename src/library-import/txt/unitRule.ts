import { type Candidate, type Found, weigh } from "./candidates.ts";
import { fillGaps } from "./fillGaps.ts";
import { blankBefore, indentOf, type TextLines, textBetween } from "./lines.ts";
import type { ScoredRule } from "./rule.ts";
import { bestSequence, type Sequence } from "./sequence.ts";
import { lengthsBelow, medianOf, type Stretch, spreadOf } from "./spread.ts";
import { unitFacts } from "./units.ts";
import { leadingTo, volumesAbove } from "./volumes.ts";

/** Bare numbers must come at least so often, so far apart (median, UTF-16 units), to be taken for chapters. */
const minStrict = { count: 3, distance: 150 };
/** A shorter text, in UTF-16 units, may be spread in any way. */
const longEnoughToSpread = 8_000;

/**
 * The chapters of a stretch if they are counted in `unit`: the best sequence of its lines, with the gaps filled. Its score is
 * what its headings look like, times what the unit is worth, times the square of the share of the text that it explains.
 */
export function unitRule(
  lines: TextLines,
  stretch: Stretch,
  unit: string,
  byUnit: ReadonlyMap<string, readonly Found[]>,
  named: readonly Found[],
): ScoredRule | undefined {
  const facts = unitFacts(unit);
  if (!facts) return undefined;
  const strict = facts.strict === true;
  const own = byUnit.get(unit)!;
  const above = volumesAbove(lines, unit, byUnit);
  const extras = named.filter(({ title }) => /^(?:番外|外[传傳]|外篇)/u.test(title)).map(({ line }) => line);
  const newVolumes = [...above.map(({ line }) => line), ...extras].sort((a, b) => a - b);
  const { chosen, score } = sequenceOf(lines, own, newVolumes, strict);
  if (chosen.length === 0 || score <= 0) return undefined;
  if (strict && isList(lines, stretch, unit, chosen)) return undefined;
  const chapters = fillGaps(lines, stretch, withoutEmptyMentions(lines, stretch, withoutStrays(lines, chosen)), byUnit);
  const starts = [...chapters, ...named].map(({ line }) => line).sort((a, b) => a - b);
  const { total, explained, empty } = spreadOf(lines, stretch, starts);
  const spread = total < longEnoughToSpread ? 1 : Math.max(0.02, explained) ** 2 * (empty > 0.5 ? 0.2 : 1);
  return {
    unit,
    chapters,
    volumes: leadingTo(lines, above, chapters, named),
    score: score * facts.worth * spread,
  };
}

/** Lists in the body have numbers too, but seldom a blank line above each: those that have are tried separately. */
function sequenceOf(lines: TextLines, found: readonly Found[], volumes: readonly number[], strict: boolean): Sequence {
  const all = bestSequence(weigh(lines, found), volumes, strict);
  const belowBlank = strict ? found.filter(({ line }) => blankBefore(lines, line)) : found;
  if (belowBlank.length === found.length || belowBlank.length < minStrict.count) return all;
  const alone = bestSequence(weigh(lines, belowBlank), volumes, strict);
  return alone.chosen.length >= 0.6 * all.chosen.length && alone.score > 0 ? alone : all;
}

function isList(lines: TextLines, stretch: Stretch, unit: string, chosen: readonly Candidate[]): boolean {
  if (chosen.length < (unit === "上" ? 2 : minStrict.count)) return true;
  const starts = chosen.map(({ line }) => line);
  return medianOf(lengthsBelow(lines, starts, stretch.to)) < minStrict.distance;
}

/** A number alone that stands between two which follow each other, and is set otherwise than these, is a line of the text. */
function withoutStrays(lines: TextLines, chosen: readonly Candidate[]): readonly Candidate[] {
  return chosen.filter((form, index) => {
    const [above, below] = [chosen[index - 1], chosen[index + 1]];
    if (above === undefined || below === undefined || form.rest !== "" || above.rest === "") return true;
    const isStray = below.number === above.number + 1 && form.number !== above.number && form.number !== below.number;
    return !isStray || indentOf(lines, form.line) === indentOf(lines, above.line);
  });
}

/** A line that only mentions a chapter (第九章更精彩) can have the right number, but has no text of its own. */
function withoutEmptyMentions(lines: TextLines, { to }: Stretch, chosen: readonly Candidate[]): readonly Candidate[] {
  return chosen.filter(
    ({ line, weight, loose }, index) =>
      !loose || weight >= 2 || textBetween(lines, line, chosen[index + 1]?.line ?? to) > 0,
  );
}
