import { expect, test } from "vitest";
import { keptShare } from "../../src/library-import/account.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";
import { randomSite } from "./randomSite.ts";

/** HEIMA_SEED repeats a run; each book has the seed of the run and its number added. */
const seed = Number(process.env.HEIMA_SEED ?? 1);
const books = Number(process.env.HEIMA_BOOKS ?? 15);

test(`random novels of download sites have their entries, and all of their text (HEIMA_SEED=${seed})`, () => {
  for (let no = 0; no < books; no += 1) {
    const made = randomSite(seed + no);
    const { chapters, account, title, author } = parseTxt(made.text, "download");
    const told = `book ${seed + no}: ${made.how}; rule: ${account!.rule}`;
    expect(
      chapters.map((chapter) => chapter.title.replace(/\s/gu, "")),
      told,
    ).toEqual(made.titles);
    const length = chapters.reduce((sum, { text }) => sum + text.replace(/\s/gu, "").length, 0);
    expect(Math.abs(length / made.length - 1), told).toBeLessThanOrEqual(0.003);
    expect(keptShare(account!), told).toBeGreaterThanOrEqual(0.995);
    expect({ title, author }, told).toEqual({ title: made.title, author: made.author });
  }
});
