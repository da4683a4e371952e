import type { FileHandle } from "node:fs/promises";
import { maxBytes } from "../limits.ts";

/** A line, or why it cannot be read, with its length in bytes. */
export type Line = { readonly no: number } & (
  | { readonly text: string }
  | { readonly reason: string; readonly length: number }
);

/** The size of the read buffer in bytes; the current line may be larger. */
const chunkBytes = 256 * 1024;

/**
 * The non-blank lines of a UTF-8 file, numbered from 1, read on demand. `onRead` is called with the number of bytes read so
 * far. Lines that are too long are not kept in memory.
 */
export async function* readLines(file: FileHandle, onRead?: (bytes: number) => void): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = Buffer.alloc(chunkBytes);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let no = 0;
  const take = (part: Buffer) => {
    pendingBytes += part.length;
    if (pendingBytes > maxBytes.jsonlLine) pending = [];
    else pending.push(Buffer.from(part));
  };
  /** The finished line; undefined if it is blank. */
  const line = (): Line | undefined => {
    no += 1;
    const [bytes, length] = [Buffer.concat(pending), pendingBytes];
    pending = [];
    pendingBytes = 0;
    if (length > maxBytes.jsonlLine)
      return { no, length, reason: `is longer than ${maxBytes.jsonlLine / (1024 * 1024)} MiB` };
    try {
      const text = decoder.decode(bytes).trim();
      return text === "" ? undefined : { no, text };
    } catch {
      return { no, length, reason: "is not UTF-8" };
    }
  };
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
    position += bytesRead;
    onRead?.(position);
    if (bytesRead === 0) break;
    let from = 0;
    for (;;) {
      const end = buffer.subarray(0, bytesRead).indexOf(0x0a, from);
      take(buffer.subarray(from, end < 0 ? bytesRead : end));
      if (end < 0) break;
      const ended = line();
      if (ended !== undefined) yield ended;
      from = end + 1;
    }
  }
  const last = line();
  if (last !== undefined) yield last;
}
