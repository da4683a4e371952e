import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { namesOf } from "../../src/library-import/parsedBook.ts";
import { countWords } from "../../src/library-import/words.ts";
import { booksOf } from "./bookFiles.ts";

/** Small files that were once imported incorrectly, each with the correct result: faults/README.md. */
const folder = fileURLToPath(new URL("./faults", import.meta.url));

type Expected = {
  readonly title?: string | null;
  readonly author?: string | null;
  readonly chapters?: number;
  readonly firstStarts?: string;
  readonly lastStarts?: string;
  readonly minWords?: readonly number[];
  readonly minChapters?: number;
  readonly noEmpty?: boolean;
  readonly maxShare?: number;
  readonly volumes?: readonly string[];
  readonly mentions?: readonly string[];
  readonly encoding?: string;
  readonly titleEnds?: string;
};

const expected: Record<string, Expected> = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));

test.each(Object.entries(expected))("%s is imported as its expectation says", async (name, right) => {
  const books = await booksOf(join(folder, name));
  expect(books).toHaveLength(1);
  const { encoding, chapters } = books[0]!;
  const { title, author } = namesOf(books[0]!);
  const titles = chapters.map((chapter) => chapter.title);
  const volumes = new Set(chapters.flatMap(({ volume }) => volume ?? []));
  const lengths = chapters.map(({ text }) => text.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (typeof right.title === "string") expect(title).toBe(right.title);
  if (right.author !== undefined) expect(author ?? null).toBe(right.author);
  if (right.titleEnds !== undefined) expect(title.endsWith(right.titleEnds)).toBe(true);
  if (right.encoding !== undefined) expect(encoding).toBe(right.encoding);
  if (right.chapters !== undefined) expect(titles).toHaveLength(right.chapters);
  if (right.minChapters !== undefined) expect(titles.length).toBeGreaterThanOrEqual(right.minChapters);
  if (right.firstStarts !== undefined) expect(titles[0]).toMatch(new RegExp(`^${right.firstStarts}`, "u"));
  if (right.lastStarts !== undefined) expect(titles.at(-1)).toMatch(new RegExp(`^${right.lastStarts}`, "u"));
  right.minWords?.forEach((least, index) => {
    expect(countWords(chapters[index]!.text)).toBeGreaterThanOrEqual(least);
  });
  if (right.noEmpty) expect(chapters.filter(({ text }) => text.trim() === "")).toEqual([]);
  if (right.maxShare !== undefined) expect(Math.max(...lengths) / total).toBeLessThanOrEqual(right.maxShare);
  if (right.volumes !== undefined) expect([...volumes]).toEqual(right.volumes);
  for (const mention of right.mentions ?? []) expect([...titles, ...volumes]).toContain(mention);
});
