import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

// docs/decisions/README.md: the index of the decisions.

const folder = new URL("../../docs/decisions/", import.meta.url);
const index = readFileSync(new URL("README.md", folder), "utf8");

const decisions = readdirSync(folder)
  .filter((file) => file.endsWith(".md") && file !== "README.md")
  .sort();
const lines = [...index.matchAll(/^- \[(\d{4})\]\((\S+\.md)\) (.+)$/gm)].map(([, number, file = "", what = ""]) => ({
  number,
  file,
  what,
}));

test("every decision is in the index exactly once, and nothing else is", () => {
  expect(decisions.length).toBeGreaterThan(80);
  expect(lines.map(({ file }) => file).sort()).toEqual(decisions);
  expect(lines.length).toBe(index.split("\n").filter((line) => line.startsWith("- ")).length);
});

test("a line has the number of the decision and a sentence", () => {
  for (const { number, file, what } of lines) {
    expect(file.slice(0, 4)).toBe(number);
    expect(what, file).toMatch(/^[A-Za-z`].{20,}\.$/);
  }
});

test("no two decisions have one number", () => {
  const numbers = decisions.map((file) => file.slice(0, 4));
  expect(numbers.filter((number, place) => numbers.indexOf(number) !== place)).toEqual([]);
});
