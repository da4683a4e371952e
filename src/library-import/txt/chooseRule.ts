import { type Found, weigh } from "./candidates.ts";
import { blankBefore, indentOf, type TextLines, textBetween } from "./lines.ts";
import { bestSequence, type Sequence } from "./sequence.ts";

/** A rule that a file is cut by: the unit that its chapters are counted in, and the headings that it finds. */
export type Rule = {
  readonly unit: string;
  readonly chapters: Sequence["chosen"];
  readonly volumes: Sequence["chosen"];
};

/**
 * What units are worth beside each other, and which may stand above which as volumes (the lower rank above the higher).
 * Bare numbers are worth less, for lists in the body have them too, and are read strictly.
 */
const unitFacts: Readonly<Record<string, { readonly rank: number; readonly worth: number; readonly strict?: true }>> = {
  部: { rank: 1, worth: 0.9 },
  季: { rank: 1, worth: 0.5 },
  part: { rank: 1, worth: 0.5, strict: true },
  book: { rank: 1, worth: 0.5, strict: true },
  卷: { rank: 2, worth: 0.9 },
  册: { rank: 2, worth: 0.5 },
  集: { rank: 2, worth: 0.9 },
  篇: { rank: 2, worth: 0.9 },
  章: { rank: 3, worth: 1 },
  回: { rank: 3, worth: 1 },
  折: { rank: 3, worth: 0.9 },
  话: { rank: 3, worth: 0.9 },
  幕: { rank: 3, worth: 0.8 },
  chapter: { rank: 3, worth: 0.9 },
  节: { rank: 4, worth: 0.9 },
  段: { rank: 4, worth: 0.5 },
  讲: { rank: 4, worth: 0.5 },
  夜: { rank: 4, worth: 0.5 },
  案: { rank: 4, worth: 0.5 },
  第: { rank: 4, worth: 0.4, strict: true },
  "#": { rank: 5, worth: 0.35, strict: true },
  一: { rank: 5, worth: 0.35, strict: true },
  "()": { rank: 5, worth: 0.3, strict: true },
  上: { rank: 5, worth: 0.3, strict: true },
};

/** The rank of a unit among those that may stand above each other: the lower, the higher it stands. */
export function rankOf(unit: string): number {
  return unitFacts[unit]?.rank ?? 9;
}

/** Bare numbers must come at least so often, so far apart (median, UTF-16 units), to be taken for chapters. */
const leastStrict = { count: 3, apart: 150 };
/** A chapter with sections in it is a chapter still up to this length (mean, UTF-16 units); beyond, it is a volume. */
const longestWithSections = 15_000;
/** The most text between a volume's heading and its first chapter. */
const longestVolumeIntro = 3_000;

/** The rule that explains the file best, or undefined if none does. `found` are the lines that are not named headings. */
export function chooseRule(lines: TextLines, found: readonly Found[], named: readonly Found[]): Rule | undefined {
  const byUnit = groupByUnit(found);
  const rules = [...byUnit.keys()].flatMap((unit) => {
    const rule = ruleOf(lines, unit, byUnit, named);
    return rule ? [rule] : [];
  });
  const best = rules.reduce<Scored | undefined>(
    (best, next) => (best && best.score >= next.score ? best : next),
    undefined,
  );
  return best && (withoutSections(lines, best, rules) ?? best);
}

type Scored = Rule & { readonly score: number };

function groupByUnit(found: readonly Found[]): ReadonlyMap<string, readonly Found[]> {
  const groups = new Map<string, Found[]>();
  for (const form of found) {
    const group = groups.get(form.unit);
    if (group) group.push(form);
    else groups.set(form.unit, [form]);
  }
  return groups;
}

function ruleOf(
  lines: TextLines,
  unit: string,
  byUnit: ReadonlyMap<string, readonly Found[]>,
  named: readonly Found[],
): Scored | undefined {
  const facts = unitFacts[unit];
  if (!facts) return undefined;
  const strict = facts.strict === true;
  const above = volumesAbove(lines, unit, byUnit);
  const extras = named.filter(({ title }) => /^(?:番外|外传|外篇)/u.test(title)).map(({ line }) => line);
  const newVolumes = [...above.map(({ line }) => line), ...extras].sort((a, b) => a - b);
  const own = knownPrefixes(byUnit.get(unit)!);
  const { chosen, score } = sequenceOf(lines, own, newVolumes, strict);
  if (chosen.length === 0 || score <= 0) return undefined;
  if (
    strict &&
    (chosen.length < (unit === "上" ? 2 : leastStrict.count) || medianApart(lines, chosen) < leastStrict.apart)
  )
    return undefined;
  const chapters = withGapsFilled(lines, withoutEmptyMentions(lines, chosen), byUnit, newVolumes);
  return { unit, chapters, volumes: leadingTo(lines, above, chapters, named), score: score * facts.worth };
}

/** Lists in the body have numbers too, but seldom a blank line above each: those that have are tried by themselves. */
function sequenceOf(lines: TextLines, found: readonly Found[], volumes: readonly number[], strict: boolean): Sequence {
  const all = bestSequence(weigh(lines, found), volumes, strict);
  const apart = strict ? found.filter(({ line }) => blankBefore(lines, line)) : found;
  if (apart.length === found.length || apart.length < leastStrict.count) return all;
  const alone = bestSequence(weigh(lines, apart), volumes, strict);
  return alone.chosen.length >= 0.6 * all.chosen.length && alone.score > 0 ? alone : all;
}

/** A line that only mentions a chapter (第九章更精彩) can have the right number, but has no text of its own. */
function withoutEmptyMentions(lines: TextLines, chosen: Sequence["chosen"]): Sequence["chosen"] {
  return chosen.filter(
    ({ line, weight, loose }, index) =>
      !loose || weight >= 2 || textBetween(lines, line, chosen[index + 1]?.line ?? lines.raw.length) > 0,
  );
}

/** Where one number is missing, a heading with the wrong unit (第二十节 among 章) that looks like the others is the one. */
function withGapsFilled(
  lines: TextLines,
  chosen: Sequence["chosen"],
  byUnit: ReadonlyMap<string, readonly Found[]>,
  volumes: readonly number[],
): Sequence["chosen"] {
  if (!/^[章回节折话集]$/u.test(chosen[0]?.unit ?? "")) return chosen;
  const others = [...byUnit].flatMap(([unit, found]) =>
    unit !== chosen[0]!.unit && /^[章回节折话集]$/u.test(unit) ? found.filter(({ loose }) => !loose) : [],
  );
  if (others.length === 0) return chosen;
  return chosen.flatMap((before, index) => {
    const after = chosen[index + 1];
    if (!after || after.number !== before.number + 2 || volumes.some((line) => line > before.line && line < after.line))
      return [before];
    const missing = others.find(
      ({ line, number }) =>
        number === before.number + 1 &&
        line > before.line &&
        line < after.line &&
        blankBefore(lines, line) === blankBefore(lines, before.line) &&
        indentOf(lines, line) === indentOf(lines, before.line),
    );
    return missing ? [before, { ...missing, weight: 1 }] : [before];
  });
}

/** 且看 第四章 stands in a sentence; a volume or the book's name stands before many a number. */
function knownPrefixes(found: readonly Found[]): readonly Found[] {
  const times = new Map<string, number>();
  for (const { before } of found) if (before !== undefined) times.set(before, (times.get(before) ?? 0) + 1);
  return found.filter(
    ({ before }) => before === undefined || times.get(before)! > 1 || /^第.{1,8}[卷部集篇章]|^卷/u.test(before),
  );
}

/** Clear headings of the units that may stand above `unit`. */
function volumesAbove(
  lines: TextLines,
  unit: string,
  byUnit: ReadonlyMap<string, readonly Found[]>,
): Sequence["chosen"] {
  const { rank, strict } = unitFacts[unit]!;
  const units = [...byUnit.keys()].filter((other) => {
    const facts = unitFacts[other];
    return facts && facts.rank < rank && (!strict || facts.rank < 3);
  });
  return units
    .flatMap((other) =>
      weigh(
        lines,
        byUnit.get(other)!.filter(({ before }) => before === undefined),
      ),
    )
    .filter(({ weight }) => weight >= 2)
    .sort((a, b) => a.line - b.line);
}

/** Those volumes after whose heading the next chapter is not far. */
function leadingTo(
  lines: TextLines,
  volumes: Sequence["chosen"],
  chapters: Sequence["chosen"],
  named: readonly Found[],
): Sequence["chosen"] {
  const headings = [...chapters, ...named, ...volumes].map(({ line }) => line).sort((a, b) => a - b);
  const taken = new Set(chapters.map(({ line }) => line));
  let next = 0;
  return volumes.filter(({ line }) => {
    while (next < headings.length && headings[next]! <= line) next += 1;
    const heading = headings[next];
    return !taken.has(line) && heading !== undefined && textBetween(lines, line, heading) <= longestVolumeIntro;
  });
}

/** Sections that begin again in each chapter of usual length are part of the chapters' text. */
function withoutSections(lines: TextLines, best: Scored, rules: readonly Scored[]): Scored | undefined {
  if (unitFacts[best.unit]!.rank < 4) return undefined;
  const restarts = best.chapters.filter((chapter, index) => index > 0 && chapter.number <= 1).length;
  return rules.find((rule) => {
    const { length } = rule.chapters;
    const mean = textBetween(lines, rule.chapters[0]!.line, lines.raw.length) / length;
    return (
      unitFacts[rule.unit]!.rank === 3 && length >= 2 && restarts >= 0.6 * (length - 1) && mean < longestWithSections
    );
  });
}

function medianApart(lines: TextLines, chosen: Sequence["chosen"]): number {
  const apart = chosen.map(({ line }, index) => textBetween(lines, line, chosen[index + 1]?.line ?? lines.raw.length));
  return apart.sort((a, b) => a - b)[Math.floor(apart.length / 2)] ?? 0;
}
