import type { Found } from "./candidates.ts";
import { contentsEntries, type Entry } from "./contentsEntries.ts";
import { type TextLines, textBetween } from "./lines.ts";

/** The most text between two entries of a table of contents, in UTF-16 units: a title on a line of its own. */
const maxBetween = 45;
/** The longest line of a list of titles, in UTF-16 units. */
const longestListed = 120;
/** The mean text between two entries of a table that only its form shows, or that stands after the body. */
const tight = 6;
/** A table at the head of a file, in UTF-16 units, may have other titles than the body: the numbers suffice. */
const head = 5_000;
/** From so many entries on, numbers of pages, or several headings on each line, show a table. */
const leastShown = 4;

/** So many headings may stand above the body's first text: a volume, a chapter, sections. */
const bodyHeadings = 4;

const title = /^[【〖[\s]*(?:目\s*录|目\s*錄|目\s*次|章节目录|contents|table of contents)[】〗\]\s：:]*$/iu;

/** Where a table of contents stands, from its first line to its last. */
export type Contents = { readonly from: number; readonly to: number };

/**
 * Finds tables of contents, wherever they stand: headings with next to no text between them, most of which come again
 * elsewhere; or that stand below 目录, or have numbers of pages, or several to a line. The headings of a body without text
 * are no table, since they do not come again.
 */
export function findContents(lines: TextLines, found: readonly Found[]): readonly Contents[] {
  const entries = contentsEntries(lines, found);
  const ahead = new Counted();
  const behind = new Counted();
  for (const entry of entries) ahead.add(entry);
  const tables: Contents[] = [];
  for (let first = 0; first < entries.length; ) {
    let end = first + 1;
    while (end < entries.length && textBetween(lines, entries[end - 1]!.line, entries[end]!.line) <= maxBetween)
      end += 1;
    const run = entries.slice(first, end);
    const body = bodyBegin(run);
    for (const entry of run.slice(0, body)) ahead.remove(entry);
    const table = tableOf(lines, run, ahead, behind);
    if (table) tables.push(table);
    for (const entry of run.slice(body)) ahead.remove(entry);
    for (const entry of run) if (!table || entry.line > table.to) behind.add(entry);
    first = end;
  }
  return tables;
}

/** How often the entries of a part of the file have which text, number or title. */
class Counted {
  readonly #times = new Map<string, number>();
  add(entry: Entry): void {
    for (const key of entry.keys) this.#times.set(key, (this.#times.get(key) ?? 0) + 1);
  }
  remove(entry: Entry): void {
    for (const key of entry.keys) this.#times.set(key, (this.#times.get(key) ?? 1) - 1);
  }
  has(key: string): boolean {
    return (this.#times.get(key) ?? 0) > 0;
  }
}

function tableOf(lines: TextLines, run: readonly Entry[], ahead: Counted, behind: Counted): Contents | undefined {
  const headLine = headOf(lines, run[0]!.line);
  const least = headLine === undefined ? 3 : 1;
  const early = lines.before[run[0]!.line]! < head;
  const listed = run.slice(0, bodyBegin(run));
  const comesAhead = (entry: Entry) =>
    ahead.has(entry.exact) || (entry.titled !== undefined && ahead.has(entry.titled));
  // Sections begin again in every chapter of a body.
  const isTight = tightly(lines, listed);
  const volumes = listed.filter(({ isVolume }) => isVolume).length;
  // A table of one volume may stand beneath the volume's own heading.
  const heads = headLine === undefined && volumes === 1 && listed[0]!.isVolume && !comesAhead(listed[0]!);
  // Numbers alone are counted in a body, too: three, two, one.
  const mayRepeat = (entry: Entry) =>
    !entry.bare || (isTight && listed.length > leastShown && (early || entry.titled !== undefined));
  const comesBehind = (entry: Entry) =>
    (!entry.bare && behind.has(entry.exact)) || (entry.titled !== undefined && behind.has(entry.titled));
  const again = (entry: Entry, tightly: boolean) =>
    (mayRepeat(entry) && comesAhead(entry)) ||
    (early && mayRepeat(entry) && ahead.has(entry.numbered)) ||
    (tightly && comesBehind(entry));
  if (listed.length === run.length && listed.length > 1) {
    const last = listed.at(-1)!;
    const isLike = (mayRepeat(last) && comesAhead(last)) || listed.at(-2)!.numbered.at(-1) === last.numbered.at(-1);
    // Where the run ends in an entry that does not come again, this one begins the body.
    const isBody = !last.several && !(isLike && again(last, isTight));
    if (isBody && (!isTight || textAfter(lines, last) > maxBetween)) listed.pop();
  }
  if (listed.length < least && !listed.some(holdsTable)) return undefined;
  const to = () => lastLine(lines, listed, run[listed.length]);
  const from = headLine ?? listed[heads ? 1 : 0]?.line ?? 0;
  if (isTight && isShown(listed, headLine !== undefined)) return { from, to: to() };
  const repeated = listed.filter((entry) => again(entry, isTight)).length;
  // Lists in the body have bare numbers too, and come again in every chapter, perhaps right below its heading and its volume's.
  const named = listed
    .slice(
      0,
      Math.max(
        0,
        listed.findIndex(({ bare }) => bare),
      ),
    )
    .map(({ numbered }) => numbered.at(-1));
  const isBelow = listed.length >= named.length + 2 && new Set(named).size === named.length;
  const mayBeList = (named.length === 0 || isBelow) && listed.slice(named.length).every(({ bare }) => bare);
  const isList = headLine === undefined && mayBeList;
  const isAllAgain = isTight && early && listed.length > leastShown && repeated >= 0.9 * listed.length;
  if (isList && !isAllAgain) return undefined;
  if (repeated < Math.max(headLine === undefined ? 2 : 1, 0.6 * listed.length)) return undefined;
  return { from, to: to() };
}

/** The body may follow its table at once: one of the last headings of the run is one of the first again. */
function bodyBegin(run: readonly Entry[]): number {
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

function tightly(lines: TextLines, listed: readonly Entry[]): boolean {
  const first = listed[0]!.line;
  const last = listed.at(-1)!.line;
  const between = lines.before[last]! - lines.before[first]!;
  const own = listed.slice(0, -1).reduce((sum, { line }) => sum + lines.trimmed[line]!.length, 0);
  return between - own <= tight * listed.length;
}

function textAfter(lines: TextLines, { line }: Entry): number {
  return textBetween(lines, line, Math.min(line + 4, lines.raw.length));
}

/** A whole table on one line. */
function holdsTable({ items }: Entry): boolean {
  return items.length >= 2 * leastShown;
}

/** Whether the form alone shows a table: below 目录, with numbers of pages that rise, or several headings to a line. */
function isShown(listed: readonly Entry[], hasHead: boolean): boolean {
  if (hasHead && listed.length >= leastShown) return true;
  const several = listed.filter((entry) => entry.several).length;
  if (several >= 2 || listed.some(holdsTable)) return true;
  const pages = listed.flatMap(({ page }) => page ?? []);
  const rise = pages.every((page, index) => index === 0 || page >= pages[index - 1]!);
  return pages.length >= Math.max(leastShown, 0.8 * listed.length) && rise;
}

/** The line 目录 right above a table belongs to it. */
function headOf(lines: TextLines, line: number): number | undefined {
  let above = line - 1;
  for (let seen = 0; above >= 0 && seen < 3 && line - above < 20; above -= 1) {
    if (title.test(lines.trimmed[above]!)) return above;
    if (lines.trimmed[above] !== "") seen += 1;
  }
  return undefined;
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

/** The lines before the first heading without a list of the titles of those that follow, and the line 目录 above it. */
export function withoutTitleList(
  lines: readonly string[],
  titles: ReadonlySet<string>,
): { readonly kept: readonly string[]; readonly listed: readonly string[] } {
  const head = lines.findIndex((line) => title.test(line.trim()));
  if (head < 0) return { kept: lines, listed: [] };
  const isListed = (line: string, index: number) =>
    index === head ||
    (index > head &&
      line.length <= longestListed &&
      titles.has(squeezed(line.replace(/[\s.…·—-]{1,80}\d{0,4}$/u, ""))));
  return { kept: lines.filter((line, index) => !isListed(line, index)), listed: lines.filter(isListed) };
}

/** A title as it is compared: without the spaces in it. */
export function squeezed(text: string): string {
  return text.replace(/[\s：:、.．·—-]/gu, "");
}
