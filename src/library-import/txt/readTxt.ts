import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { parseTxt } from "./parseTxt.ts";

/** The largest file that is read, in bytes: five times the longest novel that we know of. */
const maxFileBytes = 32 * 1024 * 1024;

/** Reads and parses a TXT novel in UTF-8. Rejects with UnusableBookFile, its message beginning with the file's path. */
export async function readTxt(path: string): Promise<ParsedBook> {
  try {
    return parseTxt(decodeUtf8(await readBytes(path)), basename(path, extname(path)));
  } catch (error) {
    if (error instanceof UnusableBookFile) throw new UnusableBookFile(`${path}: ${error.message}`);
    throw error;
  }
}

async function readBytes(path: string): Promise<Buffer> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UnusableBookFile(error.code === "ENOENT" ? "there is no such file" : `cannot be read (${error.code})`);
  });
  if (!found.isFile()) throw new UnusableBookFile("is not a file");
  if (found.size > maxFileBytes) throw new UnusableBookFile("is larger than 32 MiB");
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UnusableBookFile(`cannot be read (${error.code})`);
  });
}

function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  throw new UnusableBookFile(`is not UTF-8 at byte ${firstBadByte(bytes, text)}; save it as UTF-8 and import it again`);
}

/** The offset of the first byte that is no UTF-8. `text` is the lenient decoding: U+FFFD where the bytes are bad. */
function firstBadByte(bytes: Buffer, text: string): number {
  const replacement = Buffer.from("\uFFFD");
  let offset = 0;
  let from = 0;
  for (;;) {
    const at = text.indexOf("\uFFFD", from);
    offset += Buffer.byteLength(text.slice(from, at));
    if (at < 0 || !bytes.subarray(offset, offset + replacement.length).equals(replacement)) return offset;
    offset += replacement.length;
    from = at + 1;
  }
}
