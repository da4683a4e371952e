import { type Entry, plainHeading } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { headingNear, ownHeading } from "./ownHeading.ts";
import { isNoChapter } from "./pages.ts";
import { alike, numberedForm } from "./textHeading.ts";

/** An entry of the table of contents, or the heading of a document without an entry, with its place in the text. */
export type Placed = {
  /** The line in the whole book's text. */
  readonly line: number;
  readonly title: string;
  readonly volumes: readonly string[];
  readonly isVolume: boolean;
  /** It may have no text but a title or a list: cover, title page, table of contents. */
  readonly isPage: boolean;
};

/** What entries are placed by besides the documents. */
export type Around = {
  readonly bookTitle: string;
  /** Lines that are no heading of their document, in their compared form. */
  readonly heads: ReadonlySet<string>;
};

/** The longest line that is compared with a title if an anchor is missing, in UTF-16 units. */
const longestTitle = 80;
/** A line that is the title of an entry without one is no longer, in UTF-16 units. */
const longestFirst = 30;

/** Titles that tools give to entries when they know none. */
const invented =
  /^(?:unknown|未命名.{0,3}|无标题|untitled|start|开始|(?:\w{1,20}[_-]){0,3}(?:section|chapter|part|text|page|split|index)[_\s-]?(?:split[_-])?\d{3,6}|\S{1,80}\.x?html?)$/iu;
/** Entries that hold all others and are no volume. */
const whole = /^(?:正文卷?|全文|全书|main ?text|text)$/iu;

/**
 * The places of the entries of a table of contents, in text order, of documents without an entry that have a heading, and of
 * headings that go on with the numbers within a document; otherwise their text would become part of the previous chapter.
 */
export function placeEntries(
  spine: readonly SpineText[],
  starts: readonly number[],
  contents: readonly Entry[],
  around: Around,
): readonly Placed[] {
  const numbers = new Map<string, number>();
  spine.forEach(({ path }, index) => {
    if (!numbers.has(path)) numbers.set(path, index);
  });
  const titles = new Map<number, ReadonlyMap<string, number>>();
  const lineOf = (index: number, title: string) => {
    const known = titles.get(index) ?? titleLines(spine[index]!.lines);
    titles.set(index, known);
    return known.get(alike(title)) ?? 0;
  };
  const shared = sharedPaths(contents);
  const place = ({ path = "", anchor, title }: Entry): number | undefined => {
    const index = numbers.get(path);
    if (index === undefined) return undefined;
    const known = anchor === undefined ? undefined : spine[index]!.anchors.get(anchor);
    const isNamed = known === undefined && (anchor !== undefined || shared.has(path));
    return starts[index]! + (known ?? (isNamed ? lineOf(index, title) : 0));
  };
  const placed = placedEntries(contents, [], { place, bookTitle: around.bookTitle }).sort((a, b) => a.line - b.line);
  return withUnnamed(spine, starts, placed, around);
}

/** The documents that several entries name as a whole. */
function sharedPaths(contents: readonly Entry[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  const visit = (entries: readonly Entry[]) => {
    for (const { path, anchor, children } of entries) {
      if (path !== undefined && anchor === undefined) (seen.has(path) ? shared : seen).add(path);
      visit(children);
    }
  };
  visit(contents);
  return shared;
}

/** The short lines of a document with their first places: if an anchor is missing, its title is searched there. */
function titleLines(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  lines.forEach((line, index) => {
    if (line.length <= longestTitle && !found.has(alike(line))) found.set(alike(line), index);
  });
  return found;
}

function placedEntries(
  entries: readonly Entry[],
  volumes: readonly string[],
  book: { readonly place: (entry: Entry) => number | undefined; readonly bookTitle: string },
): Placed[] {
  return entries.flatMap((entry) => {
    const { title, children } = entry;
    const isPage = isNoChapter(title) || whole.test(title) || alike(title) === alike(book.bookTitle);
    const isVolume = children.length > 0 && !isPage && title !== "";
    const below = placedEntries(children, isVolume ? [...volumes, title] : volumes, book);
    const line = book.place(entry) ?? (isVolume ? below[0]?.line : undefined);
    const isNothing = children.length > 0 && !isVolume && line === below[0]?.line;
    if (line === undefined || isNothing) return below;
    return [{ line, title, volumes, isVolume, isPage }, ...below];
  });
}

function withUnnamed(
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

/** The entries of a document, and the headings within it that go on with the numbers of the entry above and have no entry. */
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
