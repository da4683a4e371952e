import { type Candidate, type Found, weigh } from "./candidates.ts";
import { blankBefore, type TextLines, textBetween } from "./lines.ts";
import { unitFacts } from "./units.ts";

/** The most text between a volume's heading and its first chapter, in UTF-16 units. */
const longestVolumeIntro = 3_000;

/** Clear headings of the units that may stand above `unit`, in order. */
export function volumesAbove(
  lines: TextLines,
  unit: string,
  byUnit: ReadonlyMap<string, readonly Found[]>,
): readonly Candidate[] {
  const { rank, strict } = unitFacts(unit)!;
  const units = [...byUnit.keys()].filter((other) => {
    const facts = unitFacts(other);
    return facts && facts.rank < rank && (!strict || facts.rank < 3);
  });
  return units.flatMap((other) => clearOf(lines, byUnit.get(other)!)).sort((a, b) => a.line - b.line);
}

/** What `clearOf` found: each unit asks for those of all units above it. */
const clear = new WeakMap<readonly Found[], readonly Candidate[]>();

function clearOf(lines: TextLines, found: readonly Found[]): readonly Candidate[] {
  const known = clear.get(found);
  if (known) return known;
  const alone = found.filter(({ before }) => before === undefined);
  const weighed = weigh(lines, alone).filter(({ weight }) => weight >= 2);
  clear.set(found, weighed);
  return weighed;
}

/** Those volumes after whose heading the next chapter is not far, and those that stand right beneath a chapter's heading. */
export function leadingTo(
  lines: TextLines,
  volumes: readonly Candidate[],
  chapters: readonly Candidate[],
  named: readonly Found[],
): readonly Candidate[] {
  const headings = [...chapters, ...named, ...volumes].map(({ line }) => line).sort((a, b) => a - b);
  const taken = new Set(chapters.map(({ line }) => line));
  let next = 0;
  return volumes.filter(({ line }) => {
    while (next < headings.length && headings[next]! < line) next += 1;
    const above = headings[next - 1];
    let after = next;
    while (headings[after] === line) after += 1;
    const below = headings[after];
    if (taken.has(line)) return false;
    if (below !== undefined && textBetween(lines, line, below) <= longestVolumeIntro) return true;
    return above !== undefined && taken.has(above) && blankBefore(lines, line) && textBetween(lines, above, line) === 0;
  });
}
