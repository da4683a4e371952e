import { squeezed } from "../txt/contents.ts";
import { headingForms } from "../txt/forms/headingForms.ts";
import { type Entry, plainHeading } from "./contents.ts";
import type { DocumentText } from "./documentText.ts";

/** A document of the spine: its path in the ZIP, and its text. */
export type SpineText = DocumentText & { readonly path: string };

/** An entry of the table of contents, or the heading of a document without an entry, with its place in the text. */
export type Placed = {
  /** The line in the whole book's text. */
  readonly line: number;
  readonly title: string;
  readonly volumes: readonly string[];
  readonly isVolume: boolean;
};

/** The longest line that is compared with a title if an anchor is missing, in UTF-16 units. */
const longestTitle = 80;

/** Whether a title is that of a page without text, such as the cover or the table of contents. */
export function isNoChapter(title: string): boolean {
  return /^(?:封面|封底|目录|目錄|扉页|书名页|cover|(?:table of )?contents|title ?page)$/iu.test(title.trim());
}

/** All lines of a book's documents in order, and the first line of each document. */
export type BookLines = { readonly lines: readonly string[]; readonly starts: readonly number[] };

export function linesOf(spine: readonly SpineText[]): BookLines {
  const lines: string[] = [];
  const starts = spine.map(({ lines: own }) => {
    const start = lines.length;
    for (const line of own) lines.push(line);
    return start;
  });
  return { lines, starts };
}

/**
 * The places of the entries of a table of contents, in text order, and of documents without an entry that have a heading;
 * otherwise their text would become part of the previous chapter.
 */
export function placeEntries(
  spine: readonly SpineText[],
  { starts }: BookLines,
  contents: readonly Entry[],
  bookTitle: string,
): readonly Placed[] {
  const numbers = new Map<string, number>();
  spine.forEach(({ path }, index) => {
    if (!numbers.has(path)) numbers.set(path, index);
  });
  const titles = new Map<number, ReadonlyMap<string, number>>();
  const lineOf = (index: number, title: string) => {
    const known = titles.get(index) ?? titleLines(spine[index]!.lines);
    titles.set(index, known);
    return known.get(squeezed(title)) ?? 0;
  };
  const place = ({ path, anchor, title }: Entry): number | undefined => {
    const index = numbers.get(path ?? "");
    if (index === undefined) return undefined;
    const within = anchor === undefined ? 0 : (spine[index]!.anchors.get(anchor) ?? lineOf(index, title));
    return starts[index]! + within;
  };
  const placed = placedEntries(contents, [], place).sort((a, b) => a.line - b.line);
  return withUnnamed(spine, starts, placed, bookTitle);
}

/** The short lines of a document with their first places: if an anchor is missing, its title is searched there. */
function titleLines(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  lines.forEach((line, index) => {
    if (line.length <= longestTitle && !found.has(squeezed(line))) found.set(squeezed(line), index);
  });
  return found;
}

function placedEntries(
  entries: readonly Entry[],
  volumes: readonly string[],
  place: (entry: Entry) => number | undefined,
): Placed[] {
  return entries.flatMap((entry) => {
    const isVolume = entry.children.length > 0;
    const below = placedEntries(entry.children, isVolume ? [...volumes, entry.title] : volumes, place);
    const line = place(entry) ?? (isVolume ? below[0]?.line : undefined);
    if (line === undefined || entry.title === "") return below;
    return [{ line, title: entry.title, volumes, isVolume }, ...below];
  });
}

function withUnnamed(
  spine: readonly SpineText[],
  starts: readonly number[],
  placed: readonly Placed[],
  bookTitle: string,
): readonly Placed[] {
  const all: Placed[] = [];
  let next = 0;
  spine.forEach((document, index) => {
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    const begin = next;
    while (next < placed.length && placed[next]!.line < end) next += 1;
    const own = ownHeading(document);
    if (begin < next) {
      for (const entry of placed.slice(begin, next)) {
        // An entry that only repeats the book's title, or is 封面, is no heading for a chapter that has its own.
        const isEmpty = squeezed(entry.title) === squeezed(bookTitle) || isNoChapter(entry.title);
        const says = entry.isVolume || own === undefined || !isEmpty;
        all.push(says ? entry : { ...entry, title: own });
      }
    } else if (own !== undefined && document.lines.length > 0) {
      const before = all.at(-1);
      const volumes = before === undefined ? [] : before.isVolume ? [...before.volumes, before.title] : before.volumes;
      all.push({ line: starts[index]!, title: own, volumes, isVolume: false });
    }
  });
  return all;
}

/** The heading at the beginning of a document: from its mark-up, or a line in the form of a heading. */
function ownHeading({ heading, headingLine, lines }: SpineText): string | undefined {
  if (heading !== undefined && (headingLine ?? 0) <= 1) return plainHeading(heading);
  const first = lines[0] ?? "";
  const isHeading = headingForms(first).some(({ loose, unit }) => !loose && !/^(?:#|一|\(\)|上|名)$/u.test(unit));
  return isHeading ? plainHeading(first) : undefined;
}
