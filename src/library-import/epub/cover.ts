import { type ParsedCover, UnusableBookFile } from "../parsedBook.ts";
import { documentText } from "./documentText.ts";
import { type Item, isDocument, type Package, readText, type Warn } from "./package.ts";
import { resolvePath } from "./paths.ts";
import type { Zip } from "./zip.ts";

/** The maximum size of a cover in bytes. */
const maxCoverBytes = 8 * 1024 * 1024;

const formats: readonly { readonly magic: string; readonly contentType: string }[] = [
  { magic: "\xff\xd8\xff", contentType: "image/jpeg" },
  { magic: "\x89PNG\r\n\x1a\n", contentType: "image/png" },
  { magic: "GIF87a", contentType: "image/gif" },
  { magic: "GIF89a", contentType: "image/gif" },
];

/** The media type of a picture that browsers support, by its first bytes; undefined for others, including SVG. */
function imageType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (start.startsWith("RIFF") && start.endsWith("WEBP")) return "image/webp";
  return formats.find(({ magic }) => start.startsWith(magic))?.contentType;
}

/**
 * The cover of an EPUB, from its manifest (EPUB 3), its metadata (EPUB 2), its guide, or the name of a picture. An unreadable
 * cover is skipped with a warning.
 */
export async function readCover(zip: Zip, book: Package, warn: Warn): Promise<ParsedCover | undefined> {
  for (const candidate of candidates(book)) {
    try {
      const cover = await coverAt(zip, candidate);
      if (cover !== undefined) return cover;
      warn(`the cover ${candidate} is no picture that browsers show, or larger than 8 MiB`);
    } catch (error) {
      if (!(error instanceof UnusableBookFile)) throw error;
      warn(`the cover ${candidate} cannot be read: ${error.message}`);
    }
  }
  return undefined;
}

/** Paths of pictures, or of pages with one. */
function candidates({ items, coverId, coverPage }: Package): readonly string[] {
  const pictures = items.filter(({ type }) => type.startsWith("image/"));
  const declared = items.find(({ properties }) => properties.includes("cover-image"));
  const meta = items.find(({ id, path }) => coverId !== undefined && (id === coverId || path.endsWith(coverId)));
  const named = pictures.find(({ id, path }) => /cover|封面/iu.test(`${id} ${path}`));
  const paths = [declared?.path, meta?.path, coverPage, named?.path].filter((path) => path !== undefined);
  return [...new Set(paths)];
}

async function coverAt(zip: Zip, path: string): Promise<ParsedCover | undefined> {
  const page: Item = { id: "", path, type: "", properties: [] };
  if (!isDocument(page)) return pictureAt(zip, path);
  const source = await readText(zip, path);
  const href = source === undefined ? undefined : documentText(source).picture;
  const picture = href === undefined ? undefined : resolvePath(path, href);
  return picture === undefined ? undefined : pictureAt(zip, picture);
}

async function pictureAt(zip: Zip, path: string): Promise<ParsedCover | undefined> {
  const name = zip.find(path);
  const bytes = name === undefined ? undefined : await zip.read(name);
  const contentType = bytes && imageType(bytes);
  return contentType !== undefined && bytes!.length <= maxCoverBytes ? { bytes: bytes!, contentType } : undefined;
}
