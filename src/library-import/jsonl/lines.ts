import type { FileHandle } from "node:fs/promises";
import { maxBytes } from "../limits.ts";
import { UnusableBookFile } from "../parsedBook.ts";

export type Line = { readonly no: number; readonly text: string };

/** How much of the file is in memory at once, in bytes, besides the line that is being read. */
const chunkBytes = 256 * 1024;

/**
 * The lines of a UTF-8 file that are not blank, numbered from 1, as they are asked for. `onRead` is told how many bytes were
 * read so far. Throws UnusableBookFile for a line that is too long or no UTF-8.
 */
export async function* readLines(file: FileHandle, onRead?: (bytes: number) => void): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = Buffer.alloc(chunkBytes);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let no = 0;
  let position = 0;
  const text = (bytes: Buffer): string => {
    try {
      return decoder.decode(bytes).trim();
    } catch {
      throw new UnusableBookFile(`line ${no} is not UTF-8`);
    }
  };
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
    position += bytesRead;
    onRead?.(position);
    if (bytesRead === 0) break;
    let from = 0;
    for (;;) {
      const end = buffer.subarray(0, bytesRead).indexOf(0x0a, from);
      const part = buffer.subarray(from, end < 0 ? bytesRead : end);
      pendingBytes += part.length;
      if (pendingBytes > maxBytes.jsonlLine) {
        throw new UnusableBookFile(`line ${no + 1} is longer than ${maxBytes.jsonlLine / (1024 * 1024)} MiB`);
      }
      pending.push(Buffer.from(part));
      if (end < 0) break;
      no += 1;
      const line = text(Buffer.concat(pending));
      if (line !== "") yield { no, text: line };
      pending = [];
      pendingBytes = 0;
      from = end + 1;
    }
  }
  no += 1;
  const last = text(Buffer.concat(pending));
  if (last !== "") yield { no, text: last };
}
