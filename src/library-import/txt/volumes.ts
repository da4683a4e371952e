import { type Candidate, type Found, weigh } from "./candidates.ts";
import { blankBefore, type TextLines, textBetween } from "./lines.ts";
import { rankOf, unitFacts } from "./units.ts";

/** The most text between a volume's heading and its first chapter, in UTF-16 units. */
const longestVolumeIntro = 3_000;
/** Units from this rank on stand above no others. */
const lowestVolume = 6;

/** Clear headings of the units that may stand above `unit`, in order. */
export function volumesAbove(
  lines: TextLines,
  unit: string,
  byUnit: ReadonlyMap<string, readonly Found[]>,
): readonly Candidate[] {
  const { rank, strict } = unitFacts(unit)!;
  const below = strict ? Math.min(rank, 3) : rank;
  return clearOnes(lines, byUnit).filter((candidate) => rankOf(candidate.unit) < below);
}

/** Results of `clearOnes`: each unit uses the same. */
const clear = new WeakMap<ReadonlyMap<string, readonly Found[]>, readonly Candidate[]>();

/** The clear headings of all units that may be volumes, in order. */
function clearOnes(lines: TextLines, byUnit: ReadonlyMap<string, readonly Found[]>): readonly Candidate[] {
  const known = clear.get(byUnit);
  if (known) return known;
  const all = [...byUnit]
    .filter(([unit]) => rankOf(unit) < lowestVolume)
    .flatMap(([, found]) => clearOf(lines, found))
    .sort((a, b) => a.line - b.line);
  clear.set(byUnit, all);
  return all;
}

function clearOf(lines: TextLines, found: readonly Found[]): readonly Candidate[] {
  const alone = found.every(({ before }) => before === undefined)
    ? found
    : found.filter(({ before }) => before === undefined);
  return weigh(lines, alone).filter(({ weight }) => weight >= 2);
}

/**
 * Returns the volumes after whose heading the next chapter is not far, and those that stand right beneath a chapter's heading.
 */
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
