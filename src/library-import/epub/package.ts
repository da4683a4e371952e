import { decodeText } from "../decodeText.ts";
import { UnusableBookFile } from "../parsedBook.ts";
import { elementsNamed, parseXml, type XmlElement } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** A file of the book as its manifest lists it, with its path in the ZIP. */
export type Item = {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly properties: readonly string[];
};

/** What the package document of an EPUB says (EPUB 3.3, Package document; OPF 2.0.1). */
export type Package = {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly description: string | undefined;
  readonly language: string | undefined;
  readonly subject: string | undefined;
  readonly items: readonly Item[];
  /** The documents in reading order, without those that are aside (linear="no"). */
  readonly spine: readonly Item[];
  /** The table of contents: a navigation document (EPUB 3), else an NCX (EPUB 2). */
  readonly contents: { readonly item: Item; readonly kind: "nav" | "ncx" } | undefined;
  readonly coverId: string | undefined;
  readonly coverPage: string | undefined;
};

/** Reads META-INF/container.xml and the package document that it names. Rejects with UnusableBookFile. */
export async function readPackage(zip: Zip): Promise<Package> {
  const container = await readText(zip, "META-INF/container.xml");
  if (container === undefined) throw new UnusableBookFile("is a ZIP but no EPUB: it has no META-INF/container.xml");
  const rootFile = elementsNamed(parseXml(container, "META-INF/container.xml"), "rootfile")[0];
  const path = resolvePath("", rootFile?.attributes["full-path"] ?? "");
  const source = await readText(zip, path);
  if (source === undefined) throw new UnusableBookFile(`is no sound EPUB: there is no package document ${path}`);
  const opf = parseXml(source, path);
  const items = itemsOf(opf, path);
  const spine = spineOf(opf, items);
  if (spine.length === 0) throw new UnusableBookFile("is no sound EPUB: its spine lists no documents");
  await refuseEncrypted(zip, spine);
  return { ...metadataOf(opf), items, spine, contents: contentsOf(opf, items), ...coverOf(opf, path) };
}

/** The text of a file of the ZIP, its encoding told by its mark or bytes. */
export async function readText(zip: Zip, path: string): Promise<string | undefined> {
  const bytes = await zip.read(path);
  return bytes && (bytes.length === 0 ? "" : decodeText(bytes).text);
}

/** The path in the ZIP that `href`, without its fragment, means in the file at `base`. Throws UnusableBookFile if outside. */
export function resolvePath(base: string, href: string): string {
  const path = decoded(href.replace(/[#?].*$/u, ""));
  if (path === "") return base;
  if (/^(?:[a-z][a-z0-9+.-]*:|[\\/])/iu.test(path)) throw new UnusableBookFile(`it points outside of itself: ${href}`);
  const parts = base.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) throw new UnusableBookFile(`it points outside of itself: ${href}`);
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}

function metadataOf(opf: XmlElement) {
  const metadata = elementsNamed(opf, "metadata")[0] ?? opf;
  const first = (name: string) =>
    elementsNamed(metadata, name)
      .map(({ text }) => text.trim())
      .find((text) => text !== "");
  const creators = elementsNamed(metadata, "creator");
  const authors = creators.filter(({ attributes }) => (attributes.role ?? "aut") === "aut");
  const named = (authors.length > 0 ? authors : creators).map(({ text }) => text.trim()).filter((text) => text !== "");
  return {
    title: first("title"),
    author: named.length === 0 ? undefined : named.join("、"),
    description: first("description"),
    language: first("language"),
    subject: first("subject"),
  };
}

function itemsOf(opf: XmlElement, base: string): readonly Item[] {
  const manifest = elementsNamed(opf, "manifest")[0];
  return elementsNamed(manifest ?? opf, "item").flatMap(({ attributes }) => {
    const { id, href = "" } = attributes;
    if (id === undefined || /^[a-z][a-z0-9+.-]*:/iu.test(href)) return [];
    const properties = (attributes.properties ?? "").split(/\s+/u);
    return [{ id, path: resolvePath(base, href), type: (attributes["media-type"] ?? "").toLowerCase(), properties }];
  });
}

function spineOf(opf: XmlElement, items: readonly Item[]): readonly Item[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return elementsNamed(opf, "itemref").flatMap(({ attributes }) => {
    const item = attributes.linear === "no" ? undefined : byId.get(attributes.idref ?? "");
    return item && /html|xml/u.test(item.type) ? [item] : [];
  });
}

function contentsOf(opf: XmlElement, items: readonly Item[]): Package["contents"] {
  const nav = items.find(({ properties }) => properties.includes("nav"));
  if (nav) return { item: nav, kind: "nav" };
  const id = elementsNamed(opf, "spine")[0]?.attributes.toc;
  const ncx = items.find((item) => item.id === id) ?? items.find(({ type }) => type === "application/x-dtbncx+xml");
  return ncx && { item: ncx, kind: "ncx" };
}

function coverOf(opf: XmlElement, base: string): Pick<Package, "coverId" | "coverPage"> {
  const meta = elementsNamed(opf, "meta").find(({ attributes }) => attributes.name === "cover");
  const page = elementsNamed(opf, "reference").find(({ attributes }) => attributes.type?.toLowerCase() === "cover");
  const href = page?.attributes.href;
  return { coverId: meta?.attributes.content, coverPage: href === undefined ? undefined : resolvePath(base, href) };
}

/** Fonts may be scrambled; text that is cannot be read. */
async function refuseEncrypted(zip: Zip, spine: readonly Item[]): Promise<void> {
  const source = await readText(zip, "META-INF/encryption.xml");
  if (source === undefined) return;
  const references = elementsNamed(parseXml(source, "META-INF/encryption.xml"), "cipherreference");
  const encrypted = new Set(references.map(({ attributes }) => decoded(attributes.uri ?? "")));
  if (spine.some(({ path }) => encrypted.has(path)))
    throw new UnusableBookFile("it is encrypted (DRM): its text cannot be read");
}
