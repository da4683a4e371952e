import type { Entry } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { isNoChapter } from "./pages.ts";
import type { Around, Placed } from "./place.ts";
import { alike } from "./textHeading.ts";
import { withUnnamed } from "./unnamed.ts";

/** The longest line that is compared with a title if an anchor is missing, in UTF-16 units. */
const longestTitle = 80;

/** Entries that hold all others and are no volume. */
const whole = /^(?:正文卷?|全文|全书|main ?text|text)$/iu;

/**
 * The places of the entries of a table of contents, in text order, of documents without an entry that have a heading, and of
 * headings that continue the numbers within a document; otherwise their text would become part of the previous chapter.
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
