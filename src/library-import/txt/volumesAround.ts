import { firstFrom } from "../firstFrom.ts";
import type { Candidate, Found } from "./candidates.ts";
import { type Bounds, chainOf, conclusiveLength } from "./chains.ts";
import type { TextLines } from "./lines.ts";
import { rankOf } from "./units.ts";
import { withoutSentences } from "./withoutSentences.ts";

/** Returns the volumes that are chapters: those up to the first chapter, which continues their numbers: 第五十三章 after 第五十二集. */
export function volumesLeadingTo(
  lines: TextLines,
  first: Candidate,
  byUnit: ReadonlyMap<string, readonly Found[]>,
  usual: number,
): readonly Candidate[] {
  for (const [unit, found] of byUnit) {
    if (unit === first.unit || rankOf(unit) >= Math.min(3, rankOf(first.unit))) continue;
    const above = upTo(withoutSentences(found), first.line);
    if (above.at(-1)?.number !== first.number - 1) continue;
    const chain = chainOf(lines, above, undefined, first, { until: first.line, usual });
    if (chain.length >= conclusiveLength && chain.length === above.length) return chain;
  }
  return [];
}

/**
 * Returns the volumes that are chapters: those that continue the numbers of the chapters, behind the last of them: 第五十三集 after
 * 第五十二章.
 */
export function volumesGoingOn(
  lines: TextLines,
  last: Candidate,
  byUnit: ReadonlyMap<string, readonly Found[]>,
  bounds: Bounds,
): readonly Candidate[] {
  for (const [unit, found] of byUnit) {
    if (unit === last.unit || rankOf(unit) >= Math.min(3, rankOf(last.unit))) continue;
    const behind = below(withoutSentences(found), last.line);
    const chain = chainOf(lines, behind, last, undefined, bounds);
    if (chain.length >= conclusiveLength && chain[0]!.number === last.number + 1) return chain;
  }
  return [];
}

function upTo(found: readonly Found[], line: number): readonly Found[] {
  return found.slice(0, firstFrom(found, line));
}

function below(found: readonly Found[], line: number): readonly Found[] {
  return found.slice(firstFrom(found, line + 1));
}
