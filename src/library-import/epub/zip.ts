import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { UnusableBookFile } from "../parsedBook.ts";
import { nameOf, openZip } from "./openZip.ts";

const mebibyte = 1024 * 1024;

/** Limits of a ZIP, in bytes unless noted. Text compresses to a fifth; a bomb to a thousandth. */
const zipLimits = {
  entries: 20_000,
  inflated: 1024 * mebibyte,
  /** The total size of files read: more than any book's text and mark-up. */
  read: 160 * mebibyte,
  entry: 32 * mebibyte,
  /** The maximum ratio of uncompressed to compressed size, for files larger than `ratioFrom`. */
  ratio: 200,
  ratioFrom: mebibyte,
} as const;

/** An open ZIP whose names and sizes were checked. Names are paths with /, relative to the root of the ZIP. */
export type Zip = {
  /** The names of all files. */
  readonly names: readonly string[];
  /**
   * The exact name in the ZIP for a name that may differ in case or Unicode form or, unless `how` is "exact", in its folders, if
   * no other file has it; undefined if there is none.
   */
  find(name: string, how?: "exact"): string | undefined;
  /**
   * The bytes of a file by its exact name; undefined if there is no such file. For a damaged file what can be read. Rejects
   * with UnusableBookFile.
   */
  read(name: string): Promise<Buffer | undefined>;
  /** The number of unreadable bytes of a damaged file that was read. */
  missing(name: string): number;
  /** Warnings about the files that were read. */
  readonly warnings: readonly string[];
};

/**
 * Opens a ZIP and checks its directory: number, sizes and ratios of the files, paths (no `..`, none absolute), no encryption.
 * Sizes are checked again while decompressing. Rejects with UnusableBookFile. The file stays open.
 */
export async function withZip<Result>(file: FileHandle, work: (zip: Zip) => Promise<Result>): Promise<Result> {
  const zip = await openZip(file).catch(refuse);
  const warnings: string[] = [];
  const entries = await readDirectory(zip).catch(refuse);
  const missing = new Map<string, number>();
  const alike = new Map([...entries.keys()].map((name) => [folded(name), name]));
  const byBaseName = uniqueBaseNames(entries.keys());
  let readBytes = 0;
  return work({
    names: [...entries.keys()],
    find: (name, how) =>
      entries.has(name)
        ? name
        : (alike.get(folded(name)) ?? (how === "exact" ? undefined : byBaseName.get(baseName(name)))),
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return undefined;
      if (entry.uncompressedSize > zipLimits.entry) {
        throw new UnusableBookFile(`${name} in it is larger than ${zipLimits.entry / mebibyte} MiB`);
      }
      readBytes += entry.uncompressedSize;
      if (readBytes > zipLimits.read)
        throw new UnusableBookFile(`it holds more than ${zipLimits.read / mebibyte} MiB of text`);
      const bytes = await inflate(zip, entry).catch(refuse);
      const lost = Math.max(0, entry.uncompressedSize - bytes.length);
      if (lost > 0) warnings.push(`${name} is damaged: ${lost} of its ${entry.uncompressedSize} bytes cannot be read`);
      else if (crc32(bytes) !== entry.crc32)
        warnings.push(`${name} is damaged: its bytes are not those that were packed`);
      missing.set(name, lost);
      return bytes;
    },
    missing: (name) => missing.get(name) ?? 0,
    warnings,
  });
}

async function readDirectory(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > zipLimits.entries) throw new UnusableBookFile(`it holds more than ${zipLimits.entries} files`);
  const entries = new Map<string, Entry>();
  let inflated = 0;
  for await (const entry of zip.eachEntry()) {
    const { uncompressedSize, compressedSize } = entry;
    const fileName = nameOf(entry);
    if (entry.isEncrypted()) throw new UnusableBookFile(`it is encrypted (${fileName})`);
    inflated += uncompressedSize;
    const bomb = uncompressedSize > zipLimits.ratioFrom && uncompressedSize > zipLimits.ratio * compressedSize;
    if (bomb || inflated > zipLimits.inflated) {
      throw new UnusableBookFile(
        `it is a ZIP bomb: ${fileName} would take ${uncompressedSize} bytes from ${compressedSize}`,
      );
    }
    if (/^(?:\/|[a-z]:)/iu.test(fileName)) throw new UnusableBookFile(`is no sound ZIP: absolute path: ${fileName}`);
    if (fileName.split("/").includes(".."))
      throw new UnusableBookFile(`is no sound ZIP: invalid relative path: ${fileName}`);
    entries.set(fileName, entry);
  }
  return entries;
}

/** Names by their last part, where only one file has it. What macOS adds beside each file is none. */
function uniqueBaseNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string | undefined>();
  for (const name of names) {
    const key = baseName(name);
    if (!name.startsWith("__MACOSX/")) found.set(key, found.has(key) ? undefined : name);
  }
  return new Map([...found].flatMap(([key, name]) => (name === undefined ? [] : [[key, name]])));
}

function baseName(name: string): string {
  return folded(name.slice(name.lastIndexOf("/") + 1));
}

function folded(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/**
 * yauzl ends the stream with an error if there are more or fewer bytes than the directory states. Too few, or bytes that cannot
 * be inflated, are damage; too many are an attack.
 */
async function inflate(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  } catch (error) {
    const { code = "", message = "" } = error as { code?: string; message?: string };
    if (!code.startsWith("Z_") && !/not enough bytes|too few/iu.test(message)) throw error;
  }
  return Buffer.concat(chunks);
}

/** yauzl's messages about broken or hostile ZIPs are clear: absolute path, invalid relative path, too many bytes. */
function refuse(error: unknown): never {
  if (error instanceof UnusableBookFile) throw error;
  throw new UnusableBookFile(`is no sound ZIP: ${error instanceof Error ? error.message : String(error)}`);
}
