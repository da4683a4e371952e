import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { booksOf } from "./bookFiles.ts";

/** Real files, which are beside the project and not part of it; HEIMA_REAL_DATA names another folder. */
const data = process.env.HEIMA_REAL_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const present = existsSync(join(data, "txt-import/truth.json"));
if (!present) console.log(`Real data is not read: there is no ${data}/txt-import/truth.json (HEIMA_REAL_DATA=folder).`);

describe.skipIf(!present)("real data", () => {
  test("the novels in TXT have exactly the chapters of truth.json", async () => {
    const truth: Record<string, string[]> = JSON.parse(await readFile(join(data, "txt-import/truth.json"), "utf8"));
    for (const [name, titles] of Object.entries(truth)) {
      const [book] = await booksOf(join(data, "txt-import", name));
      expect(book!.chapters.map(({ title }) => title)).toEqual(titles);
      expect(book!.encoding).toBe(/gb18030/.test(name) ? "gb18030" : "utf-8");
    }
  });

  test.each([
    ["qidian", 2_910],
    ["zongheng", 1_021],
    ["classics", 441],
  ])(
    "the catalogue of %s gives %i books, all placed as new ones",
    async (source, count) => {
      const skipped: string[] = [];
      const books = await booksOf(join(data, `catalog-${source}/books.jsonl`), {
        onSkip: (line, reason) => skipped.push(`${line}: ${reason}`),
      });
      expect(skipped).toEqual([]);
      expect(books).toHaveLength(count);
      expect(new Set(books.map(({ source, ifNew }) => (source ?? ifNew?.source)?.name))).toEqual(new Set([source]));
      const placed = books.map(({ ifNew = {}, category = ifNew.category, channel = ifNew.channel }) => [
        category,
        channel,
      ]);
      expect(placed.filter((place) => place.includes(undefined))).toEqual([]);
    },
    60_000,
  );

  test("the texts of the classics are whole", async () => {
    const folder = join(data, "texts-classics");
    for (const name of (await readdir(folder)).filter((name) => name.endsWith(".jsonl"))) {
      const lines = (await readFile(join(folder, name), "utf8")).trim().split("\n").length;
      const books = await booksOf(join(folder, name));
      expect(books.map(({ chapters }) => chapters.length)).toEqual([lines]);
      expect(books[0]!.chapters.filter(({ text }) => text === "")).toEqual([]);
    }
  });
});
