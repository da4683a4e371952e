import type { Candidate, Found } from "./candidates.ts";
import { chainOf, slipsOf } from "./chains.ts";
import type { TextLines } from "./lines.ts";
import { lengthsBelow, medianOf, type Stretch } from "./spread.ts";
import { isBareNumber, isOther, rankOf } from "./units.ts";
import { volumesGoingOn, volumesLeadingTo } from "./volumesAround.ts";
import { withoutSentences } from "./withoutSentences.ts";

/** Bare numbers that begin again so often are sections. */
const maxFirsts = 2;

/**
 * Puts headings of other forms where they continue the numbers: 第十四章 after 第十三幕, 第二十节 among 章, a bare number that has no blank
 * line above it among those that have. A heading that fills a gap has text of its own and the form of its neighbours, or is one
 * of several in a row.
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
    const isSection = isBareNumber(own) && found.filter(({ number }) => number === 1).length > maxFirsts;
    mayFill.set(
      own,
      !isSection && (!isOther(own) || own === unit) && (own === unit || rankOf(own) >= Math.min(3, rank)),
    );
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

/** Results of `inOrder`: each unit uses the same. */
const ordered = new WeakMap<ReadonlyMap<string, readonly Found[]>, readonly Found[]>();

/** The lines of all units that read like no sentence, in order. */
function inOrder(byUnit: ReadonlyMap<string, readonly Found[]>): readonly Found[] {
  const known = ordered.get(byUnit);
  if (known !== undefined) return known;
  const all = [...byUnit.values()].flatMap(withoutSentences).sort((a, b) => a.line - b.line);
  ordered.set(byUnit, all);
  return all;
}
