import type { Entry } from "./contentsEntries.ts";
import { type TextLines, textBetween } from "./lines.ts";
import { isContentsTitle } from "./titleList.ts";

// Measures of runs of entries, those of tables of contents and those of bodies.

/** The most text between two entries of a table of contents, in UTF-16 units: a title on a line of its own. */
export const maxBetween = 45;
/** From so many entries on, numbers of pages, or several headings on each line, show a table. */
export const minShown = 4;
/** The mean text between two entries of a table that only its form shows, or that stands after the body. */
const maxMeanBetween = 6;
/** Maximum number of headings above the body's first text: a volume, a chapter, sections. */
const bodyHeadings = 4;

/** The body may follow its table at once: one of the last headings of the run is one of the first again. */
export function bodyBegin(run: readonly Entry[]): number {
  for (let at = Math.max(1, run.length - bodyHeadings); at < run.length; at += 1) {
    const first = run.slice(0, Math.min(bodyHeadings, at)).flatMap(({ items }) => items);
    if (!run[at]!.items.every((item) => first.includes(item))) continue;
    // A volume may stand beneath its first chapter, which then still counts to the volume before.
    const above = textOf(run[at - 1]!.exact);
    const isBelow = at > 1 && first.some((item) => textOf(item) === above) && !first.includes(run[at - 1]!.exact);
    return isBelow ? at - 1 : at;
  }
  return run.length;
}

function textOf(exact: string): string {
  return exact.slice(exact.indexOf("|") + 1);
}

/** Returns whether next to no text stands between the entries. */
export function isCompactRun(lines: TextLines, listed: readonly Entry[]): boolean {
  const first = listed[0]!.line;
  const last = listed.at(-1)!.line;
  const between = lines.before[last]! - lines.before[first]!;
  const own = listed.slice(0, -1).reduce((sum, { line }) => sum + lines.trimmed[line]!.length, 0);
  return between - own <= maxMeanBetween * listed.length;
}

/** A body's first paragraphs may be short: so many lines below its heading, blank ones too, are looked at. */
const linesBelow = 12;

/** Returns the amount of text on the lines right below an entry, in UTF-16 units. */
export function textAfter(lines: TextLines, { line }: Entry): number {
  return textBetween(lines, line, Math.min(line + linesBelow, lines.raw.length));
}

/** A whole table on one line. */
export function holdsTable({ items }: Entry): boolean {
  return items.length >= 2 * minShown;
}

/** Returns whether the form alone shows a table: below 目录, with numbers of pages that rise, or several headings to a line. */
export function isShown(listed: readonly Entry[], hasHead: boolean): boolean {
  if (hasHead && listed.length >= minShown) return true;
  const several = listed.filter((entry) => entry.several).length;
  if (several >= 2 || listed.some(holdsTable)) return true;
  const pages = listed.flatMap(({ page }) => page ?? []);
  const rise = pages.every((page, index) => index === 0 || page >= pages[index - 1]!);
  return pages.length >= Math.max(minShown, 0.8 * listed.length) && rise;
}

/** The line 目录 right above a table belongs to it. */
export function headOf(lines: TextLines, line: number): number | undefined {
  let above = line - 1;
  for (let seen = 0; above >= 0 && seen < 3 && line - above < 20; above -= 1) {
    if (isContentsTitle(lines.trimmed[above]!)) return above;
    if (lines.trimmed[above] !== "") seen += 1;
  }
  return undefined;
}

/** The last line of a table: where titles stand on lines of their own, the last entry's does too. `next` is the entry below the table. */
export function lastLine(lines: TextLines, listed: readonly Entry[], next: Entry | undefined): number {
  const last = listed.at(-1)!.line;
  const before = listed.at(-2)?.line;
  if (before === undefined || textBetween(lines, before, last) === 0) return last;
  let line = last + 1;
  while (line < lines.raw.length && lines.trimmed[line] === "") line += 1;
  return line < (next?.line ?? lines.raw.length) && lines.trimmed[line]!.length <= maxBetween ? line : last;
}
