import { plainHeading } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { headingNear, ownHeading } from "./ownHeading.ts";
import { isNoChapter } from "./pages.ts";
import type { Around, Placed } from "./place.ts";
import { alike, numberedForm } from "./textHeading.ts";

/** A line that is the title of an entry without one is no longer, in UTF-16 units. */
const longestFirst = 30;

/** Titles that tools give to entries when they know none. */
const invented =
  /^(?:unknown|未命名.{0,3}|无标题|untitled|start|开始|(?:\w{1,20}[_-]){0,3}(?:section|chapter|part|text|page|split|index)[_\s-]?(?:split[_-])?\d{3,6}|\S{1,80}\.x?html?)$/iu;
/** The entries in text order, with titles for those that have none, and with the headings that no entry names. */
export function withUnnamed(
  spine: readonly SpineText[],
  starts: readonly number[],
  placed: readonly Placed[],
  around: Around,
): readonly Placed[] {
  const all: Placed[] = [];
  const listed = new Set(placed.map(({ title }) => alike(title)));
  let next = 0;
  spine.forEach((document, index) => {
    const start = starts[index]!;
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    const begin = next;
    while (next < placed.length && placed[next]!.line < end) next += 1;
    const entries = placed.slice(begin, next).flatMap((entry) => titled(entry, document, start, around));
    const own = entries.length === 0 ? ownHeading(document, around.heads) : undefined;
    if (own !== undefined && document.lines.length > 0) entries.push(unnamed(own, start, all.at(-1)));
    for (const entry of withNumbered(entries, document, start, all.at(-1), listed)) all.push(entry);
  });
  return all;
}

/** An entry without a title of its own has the heading at its place, or the first line there. */
function titled(entry: Placed, document: SpineText, start: number, { heads }: Around): readonly Placed[] {
  const { title, isVolume, isPage } = entry;
  const within = entry.line - start;
  if (title === "") {
    const first = document.lines[within] ?? "";
    const own = headingNear(document, within, heads) ?? (first.length <= longestFirst ? plainHeading(first) : "");
    return own === "" ? [] : [{ ...entry, title: own }];
  }
  if (isVolume || !(isPage || invented.test(title))) return [entry];
  // An entry that only repeats the book's title, or is 封面, is no heading for a chapter that has its own.
  const own = headingNear(document, within, heads);
  return [own === undefined || heads.has(alike(own)) ? entry : { ...entry, title: own, isPage: isNoChapter(own) }];
}

function unnamed(title: string, line: number, before: Placed | undefined): Placed {
  const volumes = before === undefined ? [] : before.isVolume ? [...before.volumes, before.title] : before.volumes;
  return { line, title, volumes, isVolume: false, isPage: isNoChapter(title) };
}

/** The entries of a document, and the headings within it that continue the numbers of the entry above and have no entry. */
function withNumbered(
  entries: readonly Placed[],
  { headings }: SpineText,
  start: number,
  above: Placed | undefined,
  listed: ReadonlySet<string>,
): readonly Placed[] {
  const all: Placed[] = [];
  let next = 0;
  for (const { text, line, end } of headings) {
    while (next < entries.length && entries[next]!.line < start + end) all.push(entries[next++]!);
    const before = all.at(-1) ?? above;
    if (before === undefined || before.line >= start + line - 1 || before.isVolume || listed.has(alike(text))) continue;
    const [form, last] = [numberedForm(text), numberedForm(before.title)];
    if (form === undefined || form.unit !== last?.unit || form.number !== last.number + 1) continue;
    all.push(unnamed(plainHeading(text), start + line, before));
  }
  return [...all, ...entries.slice(next)];
}
