import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { named, namingFile, withBookFile } from "./bookFile.ts";
import { readEpub } from "./epub/readEpub.ts";
import { fileKind } from "./fileKind.ts";
import { type JsonlOptions, readJsonl } from "./jsonl/readJsonl.ts";
import type { ParsedBook } from "./parsedBook.ts";
import { readTxt } from "./txt/readTxt.ts";

/** Options for JSON Lines; other formats need none. */
export type ReadOptions = JsonlOptions;

/** The part of a file that is examined to detect its format, in bytes. */
const sniffedBytes = 64 * 1024;

/**
 * The books of a file, by its content and not its name: a TXT novel, an EPUB, or JSON Lines with a catalogue or with chapters.
 * A catalogue is read on demand, so that its size does not matter. Throws UnusableBookFile, with the path in its message.
 */
export async function* readBooks(path: string, options: ReadOptions = {}): AsyncGenerator<ParsedBook, void, undefined> {
  const kind = await namingFile(path, () =>
    withBookFile(path, async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
      return fileKind(buffer.subarray(0, bytesRead));
    }),
  );
  if (kind !== "jsonl") {
    const book = await (kind === "epub" ? readEpub(path) : readTxt(path));
    yield { ...book, fileSha256: await sha256OfFile(path) };
  } else {
    try {
      yield* readJsonl(path, options);
    } catch (error) {
      throw named(path, error);
    }
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
