import { basename, extname } from "node:path";
import type { Account } from "../account.ts";
import { namingFile, refuseLarger, withBookFile } from "../bookFile.ts";
import { decodeText } from "../decodeText.ts";
import { isJsonLines } from "../jsonLines.ts";
import { maxBytes } from "../limits.ts";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { parseTxt } from "./parseTxt.ts";

/** Reads and parses a TXT novel. Rejects with UnusableBookFile, its message beginning with the file's path. */
export function readTxt(path: string): Promise<ParsedBook> {
  return namingFile(path, () =>
    withBookFile(path, async (file, size) => {
      refuseLarger(size, maxBytes.txt);
      const { text, encoding, warnings } = decodeText(await file.readFile());
      if (/^\s*\{\s*"/.test(text) || isJsonLines(text)) {
        const advice = encoding === "utf-8" ? "begin it with its first object" : "save it as UTF-8";
        throw new UnusableBookFile(`is JSON Lines in ${encoding} and no novel; ${advice} and import it again`);
      }
      const book = parseTxt(text, basename(path, extname(path)));
      return { ...book, account: book.account && withWarnings(book.account, warnings), encoding };
    }),
  );
}

function withWarnings(account: Account, warnings: readonly string[]): Account {
  return { ...account, warnings: [...warnings, ...account.warnings] };
}
