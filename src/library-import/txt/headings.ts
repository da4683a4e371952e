import { UnusableBookFile } from "../parsedBook.ts";
import { type Found, findCandidates } from "./candidates.ts";
import { chooseRule, rankOf } from "./chooseRule.ts";
import { type Contents, findContents, squeezed } from "./contents.ts";
import type { Heading } from "./heading.ts";
import { blankBefore, type TextLines, textBetween } from "./lines.ts";
import { joinTitles } from "./titleLines.ts";

/** The headings of a file in order, and what of it belongs to a table of contents. */
export type Headings = { readonly headings: readonly Heading[]; readonly contents: readonly Contents[] };

/** A heading that comes twice has no more between its two places than this, in UTF-16 units. */
const maxRepeatApart = 60;
/** A file longer than this, in UTF-16 units, is not cut by one or two headings: they are chance finds. */
const longForTwo = 300_000;

/**
 * More lines that could be headings are no book but an attack. It is as many as a book of the most chapters has, each in a
 * table of contents too, and volumes; measured: 1 to 2 s, in which a worker does nothing else.
 */
const maxCandidates = 70_000;

/** The headings of a TXT novel by the rule that explains it best; none if no rule does. */
export function findHeadings(lines: TextLines): Headings {
  const all = findCandidates(lines);
  if (all.length > maxCandidates)
    throw new UnusableBookFile(`has more than ${maxCandidates} lines that look like headings`);
  const contents = findContents(lines, all);
  const inContents = (line: number) => contents.some(({ from, to }) => line >= from && line <= to);
  const found = contents.length === 0 ? all : all.filter(({ line }) => !inContents(line));
  const named = found.filter(({ unit, rest }) => unit === "named" && !/[。；，：]/u.test(rest));
  const rule = chooseRule(
    lines,
    found.filter(({ unit }) => unit !== "named"),
    named,
  );
  const chapters = rule?.chapters ?? [];
  const first = chapters[0]?.line ?? named[0]?.line ?? 0;
  const marked = new Map<number, Heading>();
  const mark = (form: Found, role: Heading["role"]) => {
    const { line, title, rest, kind = "chapter" } = form;
    const volume = role === "chapter" ? volumeBefore(form, chapters) : undefined;
    if (!marked.has(line))
      marked.set(line, {
        line,
        end: line,
        title,
        role,
        kind,
        bare: rest === "",
        rest,
        level: rankOf(form.unit),
        ...(volume && { volume }),
      });
  };
  for (const form of chapters) mark(form, "chapter");
  for (const form of rule?.volumes ?? []) mark(form, "volume");
  for (const form of [...named, ...unusualPrefaces(lines, first, inContents)]) mark(form, "chapter");
  const sorted = [...marked.values()].sort((a, b) => a.line - b.line);
  const total = lines.before[lines.raw.length]!;
  const chance =
    rule === undefined ? sorted.every(({ kind }) => kind !== "chapter") : chapters.length < 3 && total > longForTwo;
  return { headings: chance ? [] : joinTitles(lines, withoutRepeats(lines, asVolumes(lines, sorted))), contents };
}

/** 第一卷 风起 第一章: the volume. What stands before each number and never changes is the book's name. */
function volumeBefore(form: Found, chapters: readonly Found[]): string | undefined {
  if (form.before === undefined) return undefined;
  if (/^第.{1,10}[卷部集篇季册章]|^卷/u.test(form.before)) return form.before;
  return chapters.some(({ before }) => before !== undefined && before !== form.before) ? form.before : undefined;
}

/** Names like 冯梦龙序 or 《一层楼》明序, which only stand before the first chapter and by themselves. */
function unusualPrefaces(lines: TextLines, first: number, inContents: (line: number) => boolean): readonly Found[] {
  return lines.trimmed.slice(0, first).flatMap((title, line) => {
    const alone = blankBefore(lines, line) && title.length <= 14;
    const preface = alone && /^[^。，！？：；“”]+(?:序|叙|弁言|凡例|题词|小引|读法)$/u.test(title) && !inContents(line);
    return preface ? [{ line, title, unit: "named", number: 0, rest: "", loose: false, kind: "preface" as const }] : [];
  });
}

/** 正文 right above a heading says nothing; 番外 there is the volume of what follows. */
function asVolumes(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  return headings.flatMap((heading, index) => {
    const next = headings[index + 1];
    const empty = next !== undefined && textBetween(lines, heading.line, next.line) === 0;
    if (!empty || heading.role === "volume") return [heading];
    if (/^正文$/u.test(heading.title)) return [{ ...heading, role: "volume" as const, title: "", level: 9 }];
    const opens = /^(?:番外|外传|外篇)[篇卷]?$/u.test(heading.title) && next.kind === "chapter";
    return [opens ? { ...heading, role: "volume" as const, level: 0 } : heading];
  });
}

/** Takes a heading that stands twice, or once in full and once as its number, as one; the fuller of the two counts. */
function withoutRepeats(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  const kept: Heading[] = [];
  for (const heading of headings) {
    const before = kept.at(-1);
    const near =
      before && before.role === heading.role && textBetween(lines, before.end, heading.line) <= maxRepeatApart;
    const [a, b] = near ? [squeezed(before.title), squeezed(heading.title)] : ["", "-"];
    const same = a === b || (before?.bare === true && b.startsWith(a)) || (heading.bare && a.startsWith(b) && b !== "");
    if (near && same) {
      const fuller = b.length > a.length ? heading : before;
      kept[kept.length - 1] = { ...fuller, line: before.line, end: heading.end };
    } else kept.push(heading);
  }
  return kept;
}
