import { maxLengths } from "../limits.ts";
import { UnusableBookFile } from "../parsedBook.ts";
import { plainLine } from "../plainText.ts";
import { type Item, type Package, readText, type Warn } from "./package.ts";
import { decoded, locate } from "./paths.ts";
import { elementsNamed, parseXml, type XmlElement } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** An entry of a table of contents with its target and children. `path` is undefined if the target is not in the book. */
export type Entry = {
  readonly title: string;
  readonly path: string | undefined;
  readonly anchor: string | undefined;
  readonly children: readonly Entry[];
};

/** The part of an NCX that is searched for title and author, in UTF-16 units. */
const headLength = 10_000;

/**
 * The table of contents of an EPUB as a tree: from its navigation document or its NCX, whichever has more entries, or of
 * equally long ones the deeper. Empty if there is none that can be read.
 */
export async function readContents(zip: Zip, book: Package, warn: Warn): Promise<readonly Entry[]> {
  const nav = await tableOf(zip, book.nav, warn, (document, path) => {
    const navs = elementsNamed(document, "nav");
    const toc = navs.find(({ attributes }) => attributes.type?.split(/\s+/u).includes("toc")) ?? navs[0];
    return listItems(toc && elementsNamed(toc, "ol")[0], path, zip);
  });
  const ncx = await tableOf(zip, book.ncx, warn, (document, path) =>
    navPoints(elementsNamed(document, "navmap")[0], path, zip),
  );
  const longer = countOf(ncx) - countOf(nav);
  const chosen = longer > 0 || (longer === 0 && depthOf(ncx) > depthOf(nav)) ? ncx : nav;
  for (const title of nowhere(chosen).slice(0, 5)) warn(`the contents' entry ${title} leads out of the book`);
  return chosen;
}

/** Title and author at the head of an NCX. */
export async function readNcxHead(
  zip: Zip,
  { ncx, title, authors }: Package,
): Promise<{ readonly title: string | undefined; readonly authors: readonly string[] }> {
  const source =
    ncx === undefined || (title !== undefined && authors.length > 0) ? undefined : await readText(zip, ncx.path);
  const head = source?.slice(0, headLength) ?? "";
  const textOf = (name: string) =>
    new RegExp(`<(?:\\w+:)?${name}>\\s*<(?:\\w+:)?text>([^<]{1,300})<`, "iu").exec(head)?.[1];
  const author = textOf("docAuthor");
  return { title: textOf("docTitle"), authors: author === undefined ? [] : [author] };
}

async function tableOf(
  zip: Zip,
  item: Item | undefined,
  warn: Warn,
  read: (document: XmlElement, path: string) => readonly Entry[],
): Promise<readonly Entry[]> {
  if (item === undefined) return [];
  try {
    const source = await readText(zip, item.path, warn);
    return source === undefined ? [] : read(parseXml(source, item.path), item.path);
  } catch (error) {
    if (!(error instanceof UnusableBookFile)) throw error;
    warn(`its table of contents cannot be read: ${error.message}`);
    return [];
  }
}

function navPoints(parent: XmlElement | undefined, base: string, zip: Zip): readonly Entry[] {
  return (parent?.children ?? [])
    .filter(({ name }) => name === "navpoint")
    .map((point) => {
      const label = point.children.find(({ name }) => name === "navlabel");
      const content = point.children.find(({ name }) => name === "content");
      return entry(label?.text ?? "", content?.attributes.src, base, zip, navPoints(point, base, zip));
    });
}

function listItems(list: XmlElement | undefined, base: string, zip: Zip): readonly Entry[] {
  return (list?.children ?? [])
    .filter(({ name }) => name === "li")
    .map((item) => {
      const below = item.children.find(({ name }) => name === "ol");
      const head = item.children.find(({ name }) => name !== "ol");
      const link = head && (head.name === "a" ? head : (elementsNamed(head, "a")[0] ?? head));
      return entry(head?.text ?? "", link?.attributes.href, base, zip, listItems(below, base, zip));
    });
}

function entry(title: string, href: string | undefined, base: string, zip: Zip, children: readonly Entry[]): Entry {
  const anchor = decoded(href?.split("#")[1] ?? "");
  return {
    title: plainHeading(title),
    path: href === undefined ? undefined : locate(zip, base, href),
    anchor: anchor === "" ? undefined : anchor,
    children,
  };
}

function depthOf(entries: readonly Entry[]): number {
  return entries.reduce((deepest, { children }) => Math.max(deepest, 1 + depthOf(children)), 0);
}

function countOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { children }) => sum + 1 + countOf(children), 0);
}

function nowhere(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ title, path, children }) => [
    ...(path === undefined && children.length === 0 ? [title] : []),
    ...nowhere(children),
  ]);
}

/** Keeps a full-width space between the parts of a title, which `plainLine` would convert. */
export function plainHeading(title: string): string {
  const marked = title.replace(/\s+/gu, (white) => (white === "\u3000" ? "\u3000" : " ")).trim();
  return marked.length <= maxLengths.heading ? marked : plainLine(marked, maxLengths.heading);
}
