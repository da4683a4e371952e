import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import iconv from "iconv-lite";
import yauzl, { type Entry, type ZipFile } from "yauzl";

const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, decodeStrings: false } as const;
/** The end of central directory record of a ZIP, without its comment (APPNOTE 6.3, 4.3.16). */
const endRecord = { signature: Buffer.from("PK\x05\x06", "latin1"), bytes: 22 };
/** The number of bytes at the end of a file that are searched for that record. */
const searched = 8 * 1024 * 1024;

const chunkBytes = 64 * 1024;

/** Opens a ZIP; ignores what a download or block-wise copying appended. */
export async function openZip(file: FileHandle): Promise<ZipFile> {
  try {
    return await yauzl.fromFdPromise(file.fd, options);
  } catch (error) {
    const { size } = await file.stat();
    const end = await endOf(file, size);
    if (end === undefined || end >= size) throw error;
    return yauzl.fromRandomAccessReaderPromise(new PartReader(file), end, options);
  }
}

/** Where the record at the end ends, its comment left out; undefined if there is none. */
async function endOf(file: FileHandle, size: number): Promise<number | undefined> {
  const length = Math.min(size, searched);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  const at = buffer.lastIndexOf(endRecord.signature);
  return at < 0 ? undefined : size - length + at + endRecord.bytes;
}

class PartReader extends yauzl.RandomAccessReader {
  readonly #file: FileHandle;
  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(partOf(this.#file, start, end), { objectMode: false });
  }
}

/** The bytes of a file from `start` up to, without it, `end`. A stream of the file's own would close it at its end. */
async function* partOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const length = Math.min(chunkBytes, end - at);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * The path of a file in a ZIP, with /. Its bytes are UTF-8, regardless of their flag, or, from an old Chinese Windows, GBK: no
 * file uses the code page 437 of the standard.
 */
export function nameOf({ fileName }: Entry): string {
  const bytes = fileName as unknown as Buffer;
  const name = isUtf8(bytes) ? bytes.toString("utf8") : iconv.decode(bytes, "gb18030");
  return name.replaceAll("\\", "/");
}
