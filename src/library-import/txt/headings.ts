import { UnusableBookFile } from "../parsedBook.ts";
import { type Found, findCandidates } from "./candidates.ts";
import { chooseRule } from "./chooseRule.ts";
import { type Contents, findContents } from "./contents.ts";
import { freeTitles } from "./freeTitles.ts";
import type { Heading } from "./heading.ts";
import { withKnownNames } from "./knownNames.ts";
import type { TextLines } from "./lines.ts";
import { markHeadings, unusualPrefaces } from "./marks.ts";
import { withEchoes, withoutEchoes, withoutRepeats } from "./repeats.ts";
import type { Rule } from "./rule.ts";
import { type Stretch, spreadOf } from "./spread.ts";
import { rulesOfStretches } from "./stretches.ts";
import { joinTitles } from "./titleLines.ts";
import { isBareNumber } from "./units.ts";
import { withVolumeLines } from "./volumeLines.ts";

/** The headings of a file in order, what of it belongs to tables of contents, and by which rules it is cut, in words. */
export type Headings = {
  readonly headings: readonly Heading[];
  readonly contents: readonly Contents[];
  readonly rule: string;
};

/** A file longer than this, in UTF-16 units, is not cut by one or two headings: they are chance finds. */
const longForTwo = 300_000;
/** A shorter text, in UTF-16 units, may be spread in any way. */
const longEnoughToSpread = 8_000;

/**
 * More lines that could be headings are no book but an attack. It is as many as a book of the most chapters has, each in a
 * table of contents too, and volumes; measured: 1 to 2 s.
 */
const maxCandidates = 70_000;

/**
 * This many lines that could be headings, with this little text besides them (UTF-16 units for each), are a list or an attack:
 * the shortest poems have more. To search them for rules takes seconds.
 */
const heap = { lines: 5_000, text: 30 };

/** The headings of a TXT novel by the rules that explain it best, for each stretch of it its own; none if no rule does. */
export function findHeadings(lines: TextLines): Headings {
  const candidates = findCandidates(lines, maxCandidates);
  if (candidates.length > maxCandidates)
    throw new UnusableBookFile(`has more than ${maxCandidates} lines that look like headings`);
  if (isHeap(lines, candidates)) return { headings: [], contents: [], rule: "a list without text: cut at paragraphs" };
  const all = withKnownNames(lines, candidates);
  const contents = findContents(lines, all);
  const isListed = listedIn(contents);
  const unlisted = contents.length === 0 ? all : all.filter(({ line }) => !isListed(line));
  const found = withoutEchoes(lines, unlisted);
  const named = found.filter(({ unit, rest }) => unit === "named" && !/[。；，：]/u.test(rest));
  const numbered = found.filter(({ unit }) => unit !== "named");
  const whole: Stretch = { from: 0, to: lines.raw.length };
  const rules = rulesOf(lines, whole, numbered, named);
  const first = rules[0]?.chapters[0]?.line ?? named[0]?.line ?? 0;
  const prefaces = unusualPrefaces(lines, first, isListed);
  const marked = markHeadings(rules, [...named, ...prefaces]);
  const titles = titlesOver(lines, whole, rules, isListed);
  if (titles.length > 0) {
    const headings = finished(lines, markHeadings([], [...named, ...titles]));
    return { headings, contents, rule: `titles without numbers, ${titles.length} of them` };
  }
  if (rules.length > 0) {
    const rule = `${rules.map(describe).join("; ")}${whyOf(lines, whole, marked)}`;
    return { headings: finished(lines, marked), contents, rule };
  }
  const onlyAround = marked.every(({ kind }) => kind !== "chapter");
  if (onlyAround || leavesMost(lines, whole, marked))
    return { headings: [], contents, rule: "no headings: cut at paragraphs" };
  return { headings: finished(lines, marked), contents, rule: `names of parts, ${marked.length} of them` };
}

function isHeap(lines: TextLines, candidates: readonly Found[]): boolean {
  if (candidates.length < heap.lines) return false;
  let count = 0;
  let own = 0;
  let before = -1;
  for (const { line } of candidates) {
    if (line === before) continue;
    count += 1;
    own += lines.trimmed[line]!.length;
    before = line;
  }
  return count >= heap.lines && lines.before[lines.raw.length]! - own < heap.text * count;
}

/**
 * Titles without numbers, where no rule finds anything, or one of bare numbers that begin again and again: then they are sections of
 * what stands below the titles, if there is a title for each beginning.
 */
function titlesOver(
  lines: TextLines,
  whole: Stretch,
  rules: readonly Rule[],
  isListed: (line: number) => boolean,
): readonly Found[] {
  if (rules.some(({ unit, volumes }) => !isBareNumber(unit) || volumes.length > 0)) return [];
  const sections = rules.flatMap(({ chapters }) => chapters);
  const beginnings = sections.filter(({ number }) => number === 1).length;
  if (rules.length > 0 && beginnings < 2) return [];
  const taken = new Set(sections.map(({ line }) => line));
  const titles = freeTitles(lines, whole, (line) => isListed(line) || taken.has(line));
  return titles.length >= beginnings ? titles : [];
}

/** The rule of the whole file and those of stretches that it does not explain; none if what they find is chance. */
function rulesOf(
  lines: TextLines,
  whole: Stretch,
  numbered: readonly Found[],
  named: readonly Found[],
): readonly Rule[] {
  const best = chooseRule(lines, whole, numbered, named);
  if (!best) return [];
  const rules = [best, ...rulesOfStretches(lines, whole, best, numbered, named)];
  return isChance(lines, whole, rules, named) ? [] : rules;
}

/** Too few headings for so long a text, or headings that leave most of it to the preface, or that stand in one heap. */
function isChance(lines: TextLines, whole: Stretch, rules: readonly Rule[], named: readonly Found[]): boolean {
  const chapters = rules.flatMap((rule) => rule.chapters);
  const starts = [...chapters, ...rules.flatMap(({ volumes }) => volumes), ...named]
    .map(({ line }) => line)
    .sort((a, b) => a - b);
  const { total, preface, explained, empty } = spreadOf(lines, whole, starts);
  if (total <= longEnoughToSpread) return false;
  if (chapters.length < 3 && total > longForTwo) return true;
  if (explained >= 0.4) return false;
  return chapters.length < 5 || empty > 0.5 || (preface > 0.5 && isBareNumber(rules[0]!.unit));
}

/** Returns whether names of parts leave most of a text, that is long enough to be spread, before the first of them. */
function leavesMost(lines: TextLines, whole: Stretch, marked: readonly Heading[]): boolean {
  const { total, preface } = spreadOf(
    lines,
    whole,
    marked.map(({ line }) => line),
  );
  return total > longEnoughToSpread && preface > 0.5;
}

function finished(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  return joinTitles(lines, withEchoes(lines, withoutRepeats(lines, withVolumeLines(lines, headings))));
}

function describe({ unit, chapters, volumes }: Rule): string {
  const form = /^(?:#|一|\(\)|上)$/u.test(unit)
    ? "bare numbers"
    : unit === "名"
      ? "name and number"
      : `第…${unit.replace(/^第(?=.)/u, "")}`;
  return `${form}, ${chapters.length} of them${volumes.length > 0 ? `, in ${volumes.length} volumes` : ""}`;
}

/** Describes the evidence for the rules: how much of a text, that is long enough to be spread, they divide well. */
function whyOf(lines: TextLines, whole: Stretch, headings: readonly Heading[]): string {
  const starts = headings.map(({ line }) => line);
  const { total, explained, median } = spreadOf(lines, whole, starts);
  if (total <= longEnoughToSpread) return "";
  const share = Math.round(100 * Math.min(1, explained));
  return ` (${share} % of the text in parts of sound size, usually ${median} characters)`;
}

/** Tells whether a line belongs to a table of contents; asked in any order. */
function listedIn(contents: readonly Contents[]): (line: number) => boolean {
  const listed = new Set<number>();
  for (const { from, to } of contents) for (let line = from; line <= to; line += 1) listed.add(line);
  return (line) => listed.has(line);
}
