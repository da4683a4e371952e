import { firstFrom } from "../firstFrom.ts";
import type { Found } from "./candidates.ts";
import { chooseRule } from "./chooseRule.ts";
import type { TextLines } from "./lines.ts";
import type { Rule } from "./rule.ts";
import { type Stretch, soundShare, spreadOf } from "./spread.ts";

/** An entry is looked into if it is so many times the usual one, and so long, in UTF-16 units. */
const long = { times: 8, length: 20_000 };
/** Minimum of a rule of a stretch: chapters, and the share of the stretch that it explains. */
const min = { chapters: 3, explained: 0.6 };
/** Maximum depth of stretches within stretches that are examined. */
const deepest = 3;
/** Sections that so large a share of the other entries have, too, are none of the chapters. */
const usualSections = 0.2;

/**
 * Rules for those stretches of a file that its rule does not explain: what stands before its first heading, and entries many
 * times as long as the others, where the form of the headings changed. `found` are all lines that may be headings, in order.
 */
export function rulesOfStretches(
  lines: TextLines,
  stretch: Stretch,
  rule: Rule,
  found: readonly Found[],
  named: readonly Found[],
  depth = 0,
): readonly Rule[] {
  if (depth >= deepest) return [];
  const starts = [...rule.chapters, ...rule.volumes, ...named].map(({ line }) => line).sort((a, b) => a - b);
  const { total, median } = spreadOf(lines, stretch, starts);
  const maxLength = soundShare(starts.length) * total;
  const isLong = (length: number) =>
    length > maxLength || (length > long.length && length > long.times * Math.max(1, median));
  const entries = [stretch.from - 1, ...starts].map(
    (line, index): Stretch => ({ from: line + 1, to: starts[index] ?? stretch.to }),
  );
  const lengthOf = ({ from, to }: Stretch) => lines.before[to]! - lines.before[from]!;
  const others = entries.filter((entry) => entry.to > entry.from && !isLong(lengthOf(entry)));
  return entries.flatMap((entry) => {
    if (entry.to - entry.from < min.chapters || !isLong(lengthOf(entry))) return [];
    const within = foundIn(found, entry);
    const own = chooseRule(lines, entry, within, foundIn(named, entry));
    if (!own || !explains(lines, entry, own) || isSection(found, own, others)) return [];
    return [own, ...rulesOfStretches(lines, entry, own, within, foundIn(named, entry), depth + 1)];
  });
}

function explains(lines: TextLines, stretch: Stretch, { chapters, volumes }: Rule): boolean {
  const starts = [...chapters, ...volumes].map(({ line }) => line).sort((a, b) => a - b);
  return chapters.length >= min.chapters && spreadOf(lines, stretch, starts).explained >= min.explained;
}

/** Returns whether the other entries have lines of this form too, which are no chapters there. */
function isSection(found: readonly Found[], rule: Rule, others: readonly Stretch[]): boolean {
  const lines = found.filter(({ unit }) => unit === rule.unit).map(({ line }) => line);
  let at = 0;
  const having = others.filter(({ from, to }) => {
    while (at < lines.length && lines[at]! < from) at += 1;
    return lines[at + 1] !== undefined && lines[at + 1]! < to;
  });
  return having.length > usualSections * others.length;
}

function foundIn(found: readonly Found[], { from, to }: Stretch): readonly Found[] {
  return found.slice(firstFrom(found, from), firstFrom(found, to));
}
