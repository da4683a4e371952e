import { namingFile, withBookFile } from "./bookFile.ts";
import { fileKind } from "./fileKind.ts";
import { type ParsedBook, UnusableBookFile } from "./parsedBook.ts";
import { readTxt } from "./txt/readTxt.ts";

/** How much of a file is looked at to tell what it is, in bytes. */
const sniffedBytes = 1024;

/**
 * The books of a file, read by what is in it and not by its name: a TXT novel, an EPUB, or JSON Lines with a catalogue or
 * with chapters. A catalogue is read as it is asked for, so its size does not matter. Throws UnusableBookFile, its message
 * beginning with the path.
 */
export async function* readBooks(path: string): AsyncGenerator<ParsedBook, void, undefined> {
  const kind = await namingFile(path, () =>
    withBookFile(path, async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
      return fileKind(buffer.subarray(0, bytesRead));
    }),
  );
  if (kind !== "txt") throw new UnusableBookFile(`${path}: ${kind} cannot be read yet`);
  yield await readTxt(path);
}
