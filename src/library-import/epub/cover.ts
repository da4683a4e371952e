import type { ParsedCover } from "../parsedBook.ts";
import { type Item, type Package, readText, resolvePath } from "./package.ts";
import type { Zip } from "./zip.ts";

/** The largest cover that is taken, in bytes. */
const maxCoverBytes = 8 * 1024 * 1024;

const formats: readonly { readonly magic: string; readonly contentType: string }[] = [
  { magic: "\xff\xd8\xff", contentType: "image/jpeg" },
  { magic: "\x89PNG\r\n\x1a\n", contentType: "image/png" },
  { magic: "GIF87a", contentType: "image/gif" },
  { magic: "GIF89a", contentType: "image/gif" },
];

/** The media type of a picture that a browser shows, by its first bytes; undefined for others, SVG among them. */
export function imageType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (start.startsWith("RIFF") && start.endsWith("WEBP")) return "image/webp";
  return formats.find(({ magic }) => start.startsWith(magic))?.contentType;
}

/** The cover of an EPUB: as its manifest says (EPUB 3), its metadata (EPUB 2), its guide, or the name of a picture. */
export async function readCover(zip: Zip, book: Package): Promise<ParsedCover | undefined> {
  for (const path of await coverPaths(zip, book)) {
    const bytes = zip.has(path) ? await zip.read(path) : undefined;
    const contentType = bytes && imageType(bytes);
    if (contentType !== undefined && bytes!.length <= maxCoverBytes) return { bytes: bytes!, contentType };
  }
  return undefined;
}

async function coverPaths(zip: Zip, { items, coverId, coverPage }: Package): Promise<readonly string[]> {
  const pictures = items.filter(({ type }) => type.startsWith("image/"));
  const declared = items.find(({ properties }) => properties.includes("cover-image"));
  const meta = items.find(({ id, path }) => coverId !== undefined && (id === coverId || path.endsWith(coverId)));
  const named = pictures.find(({ id, path }) => /cover|封面/iu.test(`${id} ${path}`));
  const found = [declared, meta].flatMap((item) => (item ? [item] : []));
  const paths = await Promise.all(found.map((item) => pictureOf(zip, item)));
  const ofPage = coverPage === undefined ? undefined : await firstPicture(zip, coverPage);
  return [...paths, ofPage, named?.path].filter((path) => path !== undefined);
}

/** Some name the page of the cover where its picture is meant. */
async function pictureOf(zip: Zip, { path, type }: Item): Promise<string | undefined> {
  return /html/u.test(type) ? firstPicture(zip, path) : path;
}

async function firstPicture(zip: Zip, page: string): Promise<string | undefined> {
  const source = await readText(zip, page);
  const href = /<(?:img|image)\b[^>]*?(?:src|href)\s*=\s*["']([^"']+)["']/iu.exec(source ?? "")?.[1];
  return href === undefined || /^[a-z]+:/iu.test(href) ? undefined : resolvePath(page, href);
}
