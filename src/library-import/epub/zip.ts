import type { FileHandle } from "node:fs/promises";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { UnusableBookFile } from "../parsedBook.ts";

const mebibyte = 1024 * 1024;

/** What a ZIP may hold, in bytes where not said otherwise. A text packs to a fifth; a bomb to a thousandth. */
export const zipLimits = {
  entries: 20_000,
  inflated: 1024 * mebibyte,
  /** Of what is read, all files together: a book's text and mark-up is no larger. */
  read: 160 * mebibyte,
  entry: 32 * mebibyte,
  /** Inflated to packed size, of a file larger than `ratioFrom`. */
  ratio: 200,
  ratioFrom: mebibyte,
} as const;

/** An open ZIP whose names and sizes were checked. Names are paths with /, from the root of the ZIP. */
export type Zip = {
  /** The names of all files. */
  readonly names: readonly string[];
  /** The name as the ZIP spells it: that name, or the one that differs in case or Unicode form only; undefined if none. */
  find(name: string): string | undefined;
  /** The bytes of a file by its exact name; undefined if there is none of that name. Rejects with UnusableBookFile. */
  read(name: string): Promise<Buffer | undefined>;
};

/**
 * Opens a ZIP and checks what its directory says: number, sizes and ratios of the files, paths (no `..`, none absolute), no
 * encryption. What is inflated is counted again as it is read. Rejects with UnusableBookFile. The file stays open.
 */
export async function withZip<Result>(file: FileHandle, work: (zip: Zip) => Promise<Result>): Promise<Result> {
  const zip = await yauzl
    .fromFdPromise(file.fd, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
    .catch(refuse);
  const entries = await readDirectory(zip).catch(refuse);
  const alike = new Map([...entries.keys()].map((name) => [folded(name), name]));
  let readBytes = 0;
  return work({
    names: [...entries.keys()],
    find: (name) => (entries.has(name) ? name : alike.get(folded(name))),
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return undefined;
      if (entry.uncompressedSize > zipLimits.entry) {
        throw new UnusableBookFile(`${name} in it is larger than ${zipLimits.entry / mebibyte} MiB`);
      }
      readBytes += entry.uncompressedSize;
      if (readBytes > zipLimits.read)
        throw new UnusableBookFile(`it holds more than ${zipLimits.read / mebibyte} MiB of text`);
      return inflate(zip, entry).catch(refuse);
    },
  });
}

async function readDirectory(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > zipLimits.entries) throw new UnusableBookFile(`it holds more than ${zipLimits.entries} files`);
  const entries = new Map<string, Entry>();
  let inflated = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName, uncompressedSize, compressedSize } = entry;
    if (entry.isEncrypted()) throw new UnusableBookFile(`it is encrypted (${fileName})`);
    inflated += uncompressedSize;
    const bomb = uncompressedSize > zipLimits.ratioFrom && uncompressedSize > zipLimits.ratio * compressedSize;
    if (bomb || inflated > zipLimits.inflated) {
      throw new UnusableBookFile(
        `it is a ZIP bomb: ${fileName} would take ${uncompressedSize} bytes from ${compressedSize}`,
      );
    }
    entries.set(fileName, entry);
  }
  return entries;
}

function folded(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** yauzl ends the stream with an error where the bytes are more or fewer than the directory says. */
async function inflate(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** yauzl's own words for a broken or hostile ZIP are clear: absolute path, invalid relative path, too many bytes. */
function refuse(error: unknown): never {
  if (error instanceof UnusableBookFile) throw error;
  throw new UnusableBookFile(`is no sound ZIP: ${error instanceof Error ? error.message : String(error)}`);
}
