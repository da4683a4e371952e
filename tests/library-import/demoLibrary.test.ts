import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { editionOf } from "../../src/library-import/edition.ts";
import { readTxt } from "../../src/library-import/txt/readTxt.ts";

const library = fileURLToPath(new URL("../../library-demo/", import.meta.url));
const files = (await readdir(library)).filter((name) => name.endsWith(".txt"));

test("the demo library has six books, all described", async () => {
  const books = await Promise.all(files.map((name) => readTxt(library + name)));
  expect(books).toHaveLength(6);
  expect(new Set(books.map(({ category }) => category)).size).toBe(6);
  expect(new Set(books.map(({ channel }) => channel))).toEqual(new Set(["male", "female", "published"]));
  for (const book of books) expect(Object.values(book)).not.toContain(undefined);
});

test.each(files)("%s has three to six chapters of 300 to 800 words", async (name) => {
  const { chapters } = await editionOf("demo", (await readTxt(library + name)).chapters, []);
  const numbered = chapters.filter(({ offered }) => offered.kind === "chapter");
  expect(numbered.length).toBeGreaterThanOrEqual(3);
  expect(numbered.length).toBeLessThanOrEqual(6);
  for (const { offered } of numbered) {
    expect(offered.words, offered.title).toBeGreaterThanOrEqual(300);
    expect(offered.words, offered.title).toBeLessThanOrEqual(800);
  }
});
