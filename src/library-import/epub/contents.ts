import { maxLengths } from "../limits.ts";
import { plainLine } from "../plainText.ts";
import { type Package, readText, resolvePath } from "./package.ts";
import { elementsNamed, parseXml, type XmlElement } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** An entry of a table of contents: where it points, and the entries below it. `path` is undefined if it points nowhere. */
export type Entry = {
  readonly title: string;
  readonly path: string | undefined;
  readonly anchor: string | undefined;
  readonly children: readonly Entry[];
};

/** The table of contents of an EPUB as a tree; empty if it has none. Rejects with UnusableBookFile. */
export async function readContents(zip: Zip, { contents }: Package): Promise<readonly Entry[]> {
  const source = contents && (await readText(zip, contents.item.path));
  if (!contents || source === undefined) return [];
  const { path } = contents.item;
  const document = parseXml(source, path);
  if (contents.kind === "ncx") return navPoints(elementsNamed(document, "navmap")[0], path);
  const navs = elementsNamed(document, "nav");
  const toc = navs.find(({ attributes }) => attributes.type?.split(/\s+/u).includes("toc")) ?? navs[0];
  return listItems(toc && elementsNamed(toc, "ol")[0], path);
}

function navPoints(parent: XmlElement | undefined, base: string): readonly Entry[] {
  return (parent?.children ?? [])
    .filter(({ name }) => name === "navpoint")
    .map((point) => {
      const label = point.children.find(({ name }) => name === "navlabel");
      const content = point.children.find(({ name }) => name === "content");
      return entry(label?.text ?? "", content?.attributes.src, base, navPoints(point, base));
    });
}

function listItems(list: XmlElement | undefined, base: string): readonly Entry[] {
  return (list?.children ?? [])
    .filter(({ name }) => name === "li")
    .map((item) => {
      const below = item.children.find(({ name }) => name === "ol");
      const head = item.children.find(({ name }) => name !== "ol");
      const link = head && (head.name === "a" ? head : (elementsNamed(head, "a")[0] ?? head));
      return entry(head?.text ?? "", link?.attributes.href, base, listItems(below, base));
    });
}

function entry(title: string, href: string | undefined, base: string, children: readonly Entry[]): Entry {
  const anchor = href?.split("#")[1];
  return {
    title: plainHeading(title),
    path: href === undefined ? undefined : resolvePath(base, href),
    anchor: anchor === "" ? undefined : anchor,
    children,
  };
}

/** Keeps a full-width space between the halves of a title, which `plainLine` would narrow. */
export function plainHeading(title: string): string {
  const marked = title.replace(/\s+/gu, (white) => (white === "\u3000" ? "\u3000" : " ")).trim();
  return marked.length <= maxLengths.heading ? marked : plainLine(marked, maxLengths.heading);
}
