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
      const { text, encoding, nuls } = decodeText(await file.readFile());
      if (/^\s*\{\s*"/.test(text) || isJsonLines(text)) {
        const advice = encoding === "utf-8" ? "begin it with its first object" : "save it as UTF-8";
        throw new UnusableBookFile(`is JSON Lines in ${encoding} and no novel; ${advice} and import it again`);
      }
      const book = parseTxt(text, basename(path, extname(path)));
      return { ...book, account: book.account && withWarning(book.account, nuls), encoding };
    }),
  );
}

function withWarning(account: Account, nuls: number): Account {
  if (nuls === 0) return account;
  return { ...account, warnings: [...account.warnings, `${nuls} NULs were left out: the file may be damaged`] };
}
