import { expect, test } from "vitest";
import { continuesEdition } from "../../src/domain/library/compareEditions.ts";
import { maxChapters, maxLengths } from "../../src/domain/library/limits.ts";

const chapter = (title: string, text: string) => ({
  no: 1,
  title,
  volume: null,
  kind: "chapter" as const,
  chapterId: "chapter00001",
  sha256: text.repeat(64),
  words: 100,
  length: 100,
});
/** Whether chapters with these titles, and different texts of the same length, count as the same. */
const areCompared = (titles: readonly string[]) =>
  continuesEdition(
    { edition: 1, digest: "a".repeat(64), chapters: titles.map((title) => chapter(title, "a")) },
    titles.map((title) => chapter(title, "b")),
  );

test.each([
  ["正文", false],
  ["第十二章", false],
  ["第 12 章。", false],
  ["【第１２回】", false],
  ["Chapter 12", false],
  ["No. 12", false],
  ["part-3-", false],
  ["12", false],
  ["— 12 —", false],
  ["第十二章 夜渡", true],
  ["夜渡", true],
  ["正文二", true],
  ["No. one", true],
  ["……", true],
  ["", true],
])("chapters titled %j are told apart by their titles: %s", (title, isTold) => {
  expect(areCompared([title])).toBe(isTold);
});

test("titles of the greatest length do not take longer for what they are made of", () => {
  const { heading } = maxLengths;
  const half = ".".repeat(heading / 2 - 1);
  // In cubic time these would take some minutes.
  expect(areCompared(Array<string>(maxChapters).fill(`${half}1${half}x`))).toBe(true);
  expect(areCompared(Array<string>(maxChapters).fill(".".repeat(heading)))).toBe(true);
  expect(areCompared([`${half}1${half}`])).toBe(false);
});

test("published chapters without text do not make a book another one", () => {
  const empty = { ...chapter("第一章", "0"), length: 0 };
  const edition = (...chapters: (typeof empty)[]) => ({ edition: 1, digest: "a".repeat(64), chapters });
  const offered = ["第一章", "第二章"].map((title) => chapter(title, "b"));
  expect(continuesEdition(edition(empty, empty), offered)).toBe(true);
  expect(continuesEdition(edition(empty, empty, chapter("第二章", "b")), offered)).toBe(true);
  expect(continuesEdition(edition(empty, empty, chapter("第二章", "a")), offered)).toBe(false);
});
