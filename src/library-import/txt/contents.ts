import type { Found } from "./candidates.ts";
import { type TextLines, textBetween } from "./lines.ts";

/** The most text between two entries of a table of contents, in UTF-16 units: a title on a line of its own. */
const maxBetween = 45;

const volumeUnits: ReadonlySet<string> = new Set("部季卷集册篇");
const title = /^[【〖[\s]*(?:目\s*录|目\s*錄|目\s*次|章节目录|contents|table of contents)[】〗\]\s：:]*$/iu;

/** Where a table of contents stands, from its first line to its last. */
export type Contents = { readonly from: number; readonly to: number };

type Entry = {
  readonly line: number;
  readonly exact: string;
  readonly numbered: string;
  readonly titled: boolean;
  readonly bare: boolean;
};

/**
 * Finds tables of contents: headings with next to no text between them, most of which come again further down. The
 * headings of a body without text are no table, since they do not come again.
 */
export function findContents(lines: TextLines, found: readonly Found[]): readonly Contents[] {
  const entries = entriesOf(found);
  const tables: Contents[] = [];
  for (let first = 0; first < entries.length; ) {
    let end = first + 1;
    while (end < entries.length && textBetween(lines, entries[end - 1]!.line, entries[end]!.line) <= maxBetween)
      end += 1;
    const table = tableOf(lines, entries, first, end);
    if (table) tables.push(table);
    first = end;
  }
  return tables;
}

/** The line 目录 right above a table belongs to it. */
function headOf(lines: TextLines, line: number): number | undefined {
  let above = line - 1;
  for (let seen = 0; above >= 0 && seen < 3; above -= 1) {
    if (title.test(lines.trimmed[above]!)) return above;
    if (lines.trimmed[above] !== "") seen += 1;
  }
  return undefined;
}

function tableOf(lines: TextLines, entries: readonly Entry[], first: number, end: number): Contents | undefined {
  // The body may follow its table at once: the first entry that comes a second time is the body's first.
  const seen = new Set<string>();
  let stop = first;
  for (; stop < end && !seen.has(entries[stop]!.exact); stop += 1) seen.add(entries[stop]!.exact);
  const head = headOf(lines, entries[first]!.line);
  const fewest = head === undefined ? 3 : 1;
  if (stop - first < fewest) return undefined;
  const early = lines.before[entries[first]!.line]! < 5_000;
  const comesAgain = again(entries, stop, early);
  if (stop === end && stop > first && !comesAgain(entries[stop - 1]!)) stop -= 1;
  const listed = entries.slice(first, stop);
  // Lists in the body have bare numbers too, and come again in every chapter.
  if (head === undefined && listed.every(({ bare }) => bare)) return undefined;
  const repeated = listed.filter(comesAgain).length;
  if (
    listed.length < (head === undefined ? 3 : 1) ||
    repeated < Math.max(head === undefined ? 2 : 1, 0.6 * listed.length)
  )
    return undefined;
  return { from: head ?? listed[0]!.line, to: lastLine(lines, listed, entries[stop]) };
}

/** The lines before the first heading without a list of the titles of those that follow, and the line 目录 above it. */
export function withoutTitleList(lines: readonly string[], titles: ReadonlySet<string>): readonly string[] {
  const head = lines.findIndex((line) => title.test(line.trim()));
  if (head < 0) return lines;
  const listed = (line: string) => titles.has(squeezed(line.replace(/[\s.…·—-]+\d{0,4}$/u, "")));
  return lines.filter((line, index) => index < head || (index > head && !listed(line)));
}

/** A title as it is compared: without the spaces in it. */
export function squeezed(text: string): string {
  return text.replace(/[\s：:、.．·—-]/gu, "");
}

/** Where titles stand on lines of their own, the last entry's does too. */
function lastLine(lines: TextLines, listed: readonly Entry[], next: Entry | undefined): number {
  const last = listed.at(-1)!.line;
  const before = listed.at(-2)?.line;
  if (before === undefined || textBetween(lines, before, last) === 0) return last;
  let line = last + 1;
  while (line < lines.raw.length && lines.trimmed[line] === "") line += 1;
  return line < (next?.line ?? lines.raw.length) && lines.trimmed[line]!.length <= maxBetween ? line : last;
}

function again(entries: readonly Entry[], from: number, early: boolean): (entry: Entry) => boolean {
  const exact = new Set<string>();
  const numbered = new Set<string>();
  const titles = new Set<string>();
  for (const entry of entries.slice(from)) {
    exact.add(entry.exact);
    numbered.add(entry.numbered);
    if (entry.titled) titles.add(entry.exact.slice(entry.exact.indexOf("|") + 1));
  }
  return (entry) =>
    exact.has(entry.exact) ||
    (entry.titled && titles.has(entry.exact.slice(entry.exact.indexOf("|") + 1))) ||
    (early && numbered.has(entry.numbered));
}

function entriesOf(found: readonly Found[]): readonly Entry[] {
  const entries: Entry[] = [];
  let volume = "";
  for (const form of found) {
    if (form.loose && /[。，；]/u.test(form.rest)) continue;
    const text = form.title.replace(/[\s.…·—-]+\d{0,4}$/u, "").replace(/\s/gu, "");
    const isVolume = volumeUnits.has(form.unit);
    if (isVolume) volume = `${form.number}${form.unit}`;
    if (entries.at(-1)?.line === form.line) continue;
    const context = isVolume ? "" : volume;
    const numbered = form.unit === "named" ? text : `${context}/${form.number}${form.unit}`;
    entries.push({
      line: form.line,
      exact: `${context}|${text}`,
      numbered,
      titled: form.rest !== "" || form.unit === "named",
      bare: /^(?:#|一|\(\)|上)$/u.test(form.unit),
    });
  }
  return entries;
}
