import { basename, extname } from "node:path";
import { namingFile, refuseLarger, withBookFile } from "../bookFile.ts";
import { decodeText } from "../decodeText.ts";
import { maxBytes } from "../limits.ts";
import type { ParsedBook } from "../parsedBook.ts";
import { parseTxt } from "./parseTxt.ts";

/** Reads and parses a TXT novel. Rejects with UnusableBookFile, its message beginning with the file's path. */
export function readTxt(path: string): Promise<ParsedBook> {
  return namingFile(path, () =>
    withBookFile(path, async (file, size) => {
      refuseLarger(size, maxBytes.txt);
      const { text, encoding } = decodeText(await file.readFile());
      return { ...parseTxt(text, basename(path, extname(path))), encoding };
    }),
  );
}
