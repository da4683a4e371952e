import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { keptShare } from "../../src/library-import/account.ts";
import { decodeText } from "../../src/library-import/decodeText.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";
import { type MadeBook, randomBook } from "./randomBook.ts";

/** HEIMA_SEED repeats a run; each book has the seed of the run and its number added. */
const seed = Number(process.env.HEIMA_SEED ?? Math.floor(Math.random() * 1e9));
const books = Number(process.env.HEIMA_BOOKS ?? 40);
console.log(`Random books: HEIMA_SEED=${seed}`);

function bytesOf({ text, lineEnd, encoding }: MadeBook): Buffer {
  const [name, mark] = encoding.split(" with ");
  return iconv.encode(text.replaceAll("\n", lineEnd), name!, { addBOM: mark !== undefined });
}

test(`random books have the chapters that they were made of, and their text (HEIMA_SEED=${seed})`, () => {
  for (let no = 0; no < books; no += 1) {
    const made = randomBook(seed + no);
    const parsed = parseTxt(decodeText(bytesOf(made)).text, "download");
    const told = `book ${seed + no}: ${made.how}; rule: ${parsed.account!.rule}`;
    expect(parsed.chapters.filter(({ kind }) => kind === "chapter").length, told).toBe(
      made.titles.filter((title) => !/^(?:序|[后後][记記])$/u.test(title)).length,
    );
    expect(keptShare(parsed.account!), told).toBeGreaterThanOrEqual(0.995);
    expect(parsed, told).toMatchObject({ title: made.title, author: "某甲" });
    expect(
      [...new Set(parsed.chapters.flatMap(({ volume }) => volume ?? []))].filter((volume) => /卷/u.test(volume)),
      told,
    ).toEqual(made.volumes);
  }
});
