import type { Entry } from "./contents.ts";
import { documentText, type SpineText } from "./documentText.ts";
import { withEntities } from "./entities.ts";
import { isDocument, type Package, readText, type Warn } from "./package.ts";
import type { Zip } from "./zip.ts";

/** The documents of a book in reading order, and the amount of text hidden by unclosed elements. */
export type Spine = { readonly texts: readonly SpineText[]; readonly lost: number };

/**
 * Reads the documents in order. Documents in the table of contents are included even if they are not in the reading order: they
 * follow the document of the previous entry. Other documents with linear="no" and those that nothing names come last.
 */
export async function readSpine(zip: Zip, book: Package, contents: readonly Entry[], warn: Warn): Promise<Spine> {
  const paths = orderOf(zip, book, pathsOf(contents), warn);
  const unnamed = book.items.filter((item) => isDocument(item) && !paths.has(item.path)).map(({ path }) => path);
  const texts: SpineText[] = [];
  let lost = 0;
  for (const path of new Set([...paths, ...unnamed])) {
    if (path === book.nav?.path) continue;
    const source = await readText(zip, path, warn);
    if (source === undefined) continue;
    const text = documentText(withEntities(source, path));
    if (!paths.has(path)) {
      if (text.lines.length === text.linked.size) continue;
      warn(`${path} is not in the reading order, nor in the contents; it is put at the end`);
    }
    if (text.lost > 0) warn(`in ${path} an element without an end hides ${text.lost} characters`);
    // Bytes of UTF-8, three per character.
    const missing = text.lost + Math.round(zip.missing(path) / 3);
    lost += missing;
    texts.push({ path, ...text, lost: missing });
  }
  return { texts, lost };
}

function orderOf(zip: Zip, book: Package, named: ReadonlySet<string>, warn: Warn): ReadonlySet<string> {
  const ordered = book.spine.filter(({ path, linear }) => linear || named.has(path)).map(({ path }) => path);
  const inOrder = new Set(ordered);
  const listed = new Map(book.items.map((item) => [item.path, item]));
  const isText = (path: string) => {
    const item = listed.get(path);
    return item === undefined ? /\.x?html?$/iu.test(path) && zip.find(path) === path : isDocument(item);
  };
  const first: string[] = [];
  const after = new Map<string, string[]>();
  let before: string | undefined;
  for (const path of named) {
    if (inOrder.has(path)) before = path;
    else if (isText(path) && path !== book.nav?.path) {
      warn(`${path} is in the contents and not in the reading order; it is put there`);
      const list = before === undefined ? first : (after.get(before) ?? []);
      list.push(path);
      if (before !== undefined) after.set(before, list);
    }
  }
  const aside = book.spine.filter(({ path }) => !inOrder.has(path)).map(({ path }) => path);
  return new Set([...first, ...ordered.flatMap((path) => [path, ...(after.get(path) ?? [])]), ...aside]);
}

function pathsOf(entries: readonly Entry[]): ReadonlySet<string> {
  const paths = new Set<string>();
  const add = (some: readonly Entry[]) => {
    for (const { path, children } of some) {
      if (path !== undefined) paths.add(path);
      add(children);
    }
  };
  add(entries);
  return paths;
}
