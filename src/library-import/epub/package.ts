import { groupBy } from "../../domain/groupBy.ts";
import { UnusableBookFile } from "../parsedBook.ts";
import { decodeMarkup } from "./decodeMarkup.ts";
import { type Metadata, metadataOf } from "./metadata.ts";
import { decoded, locate, resolvePath } from "./paths.ts";
import { elementsNamed, parseXml, type XmlElement } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** Reports a faulty part of a book that is skipped or worked around. */
export type Warn = (message: string) => void;

/** A file in the manifest, with its path as spelled in the ZIP. */
export type Item = {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly properties: readonly string[];
};

/** A document in reading order; linear="no" marks notes and the like. */
export type SpineItem = Item & { readonly linear: boolean };

/** The content of an EPUB's package document (EPUB 3.3, Package document; OPF 2.0.1). */
export type Package = Metadata & {
  readonly items: readonly Item[];
  readonly spine: readonly SpineItem[];
  /** The table of contents: a navigation document (EPUB 3), and an NCX (EPUB 2). */
  readonly nav: Item | undefined;
  readonly ncx: Item | undefined;
  readonly coverId: string | undefined;
  readonly coverPage: string | undefined;
};

/** Reads META-INF/container.xml and the package document to which it refers. Rejects with UnusableBookFile. */
export async function readPackage(zip: Zip, warn: Warn): Promise<Package> {
  const path = await packagePath(zip);
  const source = await readText(zip, path, warn);
  if (source === undefined) throw new UnusableBookFile(`is no sound EPUB: there is no package document ${path}`);
  const opf = parseXml(source, path);
  const items = itemsOf(opf, path, zip, warn);
  const spine = spineOf(opf, items, warn);
  if (spine.length === 0) spine.push(...documentsOf(items, warn));
  if (spine.length === 0) throw new UnusableBookFile("is no sound EPUB: its spine lists no documents");
  await refuseEncrypted(zip, spine);
  return {
    ...metadataOf(opf),
    items,
    spine,
    ...contentsOf(items, elementsNamed(opf, "spine")[0]?.attributes.toc, zip),
    ...coverOf(opf, path, zip),
  };
}

/** The text of a file in the ZIP; undefined if there is no such file. Warns of bytes that cannot be read. */
export async function readText(zip: Zip, path: string, warn?: Warn): Promise<string | undefined> {
  const name = zip.find(path);
  const bytes = name === undefined ? undefined : await zip.read(name);
  if (bytes === undefined) return undefined;
  const { text, warnings } = decodeMarkup(bytes);
  for (const warning of warnings) warn?.(`${path}: ${warning}`);
  return text;
}

async function packagePath(zip: Zip): Promise<string> {
  const container = await readText(zip, "META-INF/container.xml");
  const only = zip.names.filter((name) => /\.opf$/iu.test(name));
  if (container === undefined) {
    if (only.length === 1) return only[0]!;
    throw new UnusableBookFile("is a ZIP but no EPUB: it has no META-INF/container.xml");
  }
  const rootFiles = elementsNamed(parseXml(container, "META-INF/container.xml"), "rootfile");
  const paths = rootFiles.map(({ attributes }) => attributes["full-path"] ?? "").filter((path) => path !== "");
  const found = paths.map((path) => locate(zip, "", path)).find((path) => path !== undefined);
  return found ?? (only.length === 1 ? only[0]! : (paths[0] ?? ""));
}

function itemsOf(opf: XmlElement, base: string, zip: Zip, warn: Warn): readonly Item[] {
  const manifest = elementsNamed(opf, "manifest")[0];
  return elementsNamed(manifest ?? opf, "item").flatMap(({ attributes }) => {
    const { id, href = "" } = attributes;
    const path = resolvePath(base, href);
    if (id === undefined || href === "" || path === undefined) return [];
    const name = locate(zip, base, href);
    if (name === undefined) warn(`the manifest names ${href}, which is not in the file`);
    else if (name !== path) warn(`the manifest names ${href}; taken for ${name}`);
    const properties = (attributes.properties ?? "").split(/\s+/u);
    const type = (attributes["media-type"] ?? "").toLowerCase();
    return [{ id, path: name ?? path, type, properties }];
  });
}

/** Without a reading order documents are read in manifest order. */
function documentsOf(items: readonly Item[], warn: Warn): readonly SpineItem[] {
  const documents = items.filter((item) => isDocument(item) && !item.properties.includes("nav"));
  if (documents.length > 0) warn("it has no reading order: its documents are read as the manifest lists them");
  return documents.map((item) => ({ ...item, linear: true }));
}

function spineOf(opf: XmlElement, items: readonly Item[], warn: Warn): SpineItem[] {
  const byId = groupBy(items.filter(isDocument), ({ id }) => id);
  const known = new Set(items.map(({ id }) => id));
  const taken = new Map<string, number>();
  return elementsNamed(opf, "itemref").flatMap(({ attributes }) => {
    const { idref = "nothing" } = attributes;
    if (!known.has(idref)) warn(`the reading order names ${idref}, which the manifest has not`);
    // Where several files have one id, each mention of it means the next.
    const times = taken.get(idref) ?? 0;
    taken.set(idref, times + 1);
    const item = byId.get(idref)?.[times];
    if (item === undefined) return [];
    return [{ ...item, linear: attributes.linear !== "no" }];
  });
}

/** The tables of contents, also those that are not declared as such, by their names. */
function contentsOf(items: readonly Item[], toc: string | undefined, zip: Zip): Pick<Package, "nav" | "ncx"> {
  const lying = zip.names.filter((name) => /\.ncx$/iu.test(name) && !name.startsWith("__MACOSX/"));
  const ncx =
    items.find(({ id, path }) => id === toc && zip.find(path) !== undefined && !/html$/iu.test(path)) ??
    items.find(({ type }) => type === "application/x-dtbncx+xml") ??
    items.find(({ path }) => /\.ncx$/iu.test(path)) ??
    (lying.length === 1 ? { id: "", path: lying[0]!, type: "", properties: [] } : undefined);
  const nav =
    items.find(({ properties }) => properties.includes("nav")) ??
    (ncx === undefined ? items.find(({ path }) => /(?:^|\/)(?:nav|toc)\.x?html?$/iu.test(path)) : undefined);
  return { nav, ncx };
}

/** Documents have had various media types (text/x-oeb1-document, text/html); pictures in the reading order have no text. */
export function isDocument({ type, path }: Item): boolean {
  if (/\.x?html?$/iu.test(path)) return true;
  if (/\.(?:ncx|opf|xpgt|css|svg)$/iu.test(path)) return false;
  return /html|xml|oeb1-document/u.test(type) && !/ncx|css|font|image|audio|video/u.test(type);
}

function coverOf(opf: XmlElement, base: string, zip: Zip): Pick<Package, "coverId" | "coverPage"> {
  const meta = elementsNamed(opf, "meta").find(({ attributes }) => attributes.name === "cover");
  const page = elementsNamed(opf, "reference").find(({ attributes }) => attributes.type?.toLowerCase() === "cover");
  const path = page?.attributes.href === undefined ? undefined : resolvePath(base, page.attributes.href);
  return { coverId: meta?.attributes.content, coverPage: path === undefined ? undefined : zip.find(path) };
}

/** Fonts may be obfuscated; encrypted text cannot be read. */
async function refuseEncrypted(zip: Zip, spine: readonly Item[]): Promise<void> {
  const source = await readText(zip, "META-INF/encryption.xml");
  if (source === undefined) return;
  const references = elementsNamed(parseXml(source, "META-INF/encryption.xml"), "cipherreference");
  const encrypted = new Set(references.map(({ attributes }) => decoded(attributes.uri ?? "")));
  if (spine.some(({ path }) => encrypted.has(path)))
    throw new UnusableBookFile("it is encrypted (DRM): its text cannot be read");
}
