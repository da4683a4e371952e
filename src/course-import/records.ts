import type { FileHandle } from "node:fs/promises";
import { maxBytes } from "../library-import/limits.ts";
import { UnusableBookFile } from "../library-import/parsedBook.ts";

/** The place of a record in its file: `line` from 1, `offset` and `length` in bytes. */
export type RecordPlace = { readonly line: number; readonly offset: number; readonly length: number };

/** The size of the read buffer in bytes; the current record may be larger. */
const chunkBytes = 256 * 1024;

const [lineFeed, quote, comma, carriageReturn] = [0x0a, 0x22, 0x2c, 0x0d];

/**
 * The records of a UTF-8 file, without blank ones: its lines, or with `quotes` CSV records, whose quoted fields may contain
 * line ends. `onRead` is called with the number of bytes read. Throws UnusableBookFile, with the line in its message.
 */
export async function* readRecords(
  file: FileHandle,
  { quotes, onRead }: { readonly quotes: boolean; readonly onRead?: ((bytes: number) => void) | undefined },
): AsyncGenerator<RecordPlace & { readonly text: string }> {
  const buffer = Buffer.alloc(chunkBytes);
  let pending: Buffer[] = [];
  let length = 0;
  let offset = 0;
  let [line, lines] = [1, 1];
  let isQuoted = false;
  /** Quotes only open a field at its beginning. */
  let isFieldStart = true;
  const end = (): (RecordPlace & { text: string }) | undefined => {
    const text = decode(Buffer.concat(pending), line);
    const place = { line, offset, length };
    offset += length + 1;
    [pending, length, line] = [[], 0, lines];
    return text.trim() === "" ? undefined : { ...place, text };
  };
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
    position += bytesRead;
    onRead?.(position);
    if (bytesRead === 0) break;
    let from = 0;
    for (let at = 0; at < bytesRead; at++) {
      const byte = buffer[at];
      if (byte === lineFeed) lines += 1;
      if (isQuoted) {
        // Of two quotes in a row the first closes the field and the second reopens it.
        if (byte === quote) isQuoted = false;
        isFieldStart = byte === quote;
        continue;
      }
      if (byte === lineFeed) {
        length += at - from;
        pending.push(Buffer.from(buffer.subarray(from, at)));
        from = at + 1;
        const record = end();
        if (record !== undefined) yield record;
        isFieldStart = true;
      } else if (byte === quote && quotes && isFieldStart) isQuoted = true;
      else isFieldStart = byte === comma;
    }
    length += bytesRead - from;
    pending.push(Buffer.from(buffer.subarray(from, bytesRead)));
    if (length > maxBytes.jsonlLine) {
      throw new UnusableBookFile(`line ${line} is longer than ${maxBytes.jsonlLine / (1024 * 1024)} MiB`);
    }
  }
  if (isQuoted) throw new UnusableBookFile(`line ${line} has quotes that do not end`);
  const last = end();
  if (last !== undefined) yield last;
}

/** Reads the text of a record again. */
export async function readRecordAt(file: FileHandle, { line, offset, length }: RecordPlace): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  if (bytesRead < length) throw new UnusableBookFile("became shorter while it was read");
  return decode(buffer, line);
}

function decode(bytes: Buffer, line: number): string {
  const whole = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
  try {
    // Drops a byte order mark.
    return new TextDecoder("utf-8", { fatal: true }).decode(whole);
  } catch {
    throw new UnusableBookFile(`line ${line} is not UTF-8`);
  }
}
