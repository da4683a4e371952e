import { describe, expect, test } from "vitest";
import type { PublishedChapter } from "../../src/domain/library/events.ts";
import { keepHeadings } from "../../src/library-import/keepHeadings.ts";
import type { ParsedChapter } from "../../src/library-import/parsedBook.ts";

type Row = [text: string, title: string | null, volume?: string | null];

/** Published chapters of these texts, titles and volumes. */
const published = (...rows: Row[]): PublishedChapter[] =>
  rows.map(([text, title, volume = null], index) => ({
    chapterId: `id${index}`,
    no: index + 1,
    title: title ?? `第${index + 1}章`,
    volume,
    kind: title === "序" ? "preface" : "chapter",
    sha256: text,
    words: 1,
    length: 300,
  }));
/** Chapters of a file that states no title where it is null, and no volume where it is undefined. */
const offered = (...rows: Row[]) =>
  rows.map(([sha256, title, volume], index) => ({
    no: index + 1,
    title: title ?? `第${index + 1}章`,
    volume: volume ?? null,
    kind: "chapter" as ParsedChapter["kind"],
    sha256,
    length: 300,
    words: 1,
    unstated: [...(title === null ? (["title"] as const) : []), ...(volume === undefined ? (["volume"] as const) : [])],
  }));
/** Rows whose titles are only numbers. */
const numbered = (...rows: readonly string[]) => rows.map((text, index): Row => [text, `第${index + 1}章`]);
const kept = (before: PublishedChapter[], chapters: ReturnType<typeof offered>) =>
  keepHeadings(before, chapters).map(({ title, volume, kind }) => [
    title,
    volume,
    ...(kind === "chapter" ? [] : [kind]),
  ]);

const book = published(["序", "序"], ["a", "一 灯", "卷一"], ["b", "二 风", "卷一"], ["c", "三 雪", "卷二"]);

describe("what a file does not state of its chapters", () => {
  test("stays as it is published, wherever the chapter stands now", () => {
    expect(kept(book, offered(["序", null], ["c", null], ["a", "一 灯"], ["b", null]))).toEqual([
      ["序", null, "preface"],
      ["三 雪", "卷二"],
      ["一 灯", "卷一"],
      ["二 风", "卷一"],
    ]);
  });

  test("stays too where the text was corrected, by the title, or else by the neighbours", () => {
    expect(kept(book, offered(["序", null], ["a改", "一 灯"], ["b改", null], ["c改", null]))).toEqual([
      ["序", null, "preface"],
      ["一 灯", "卷一"],
      ["二 风", "卷一"],
      ["三 雪", "卷二"],
    ]);
    expect(kept(book, offered(["x", null], ["y", null], ["z", null], ["w", null]))[0]).toEqual(["第1章", null]);
  });

  test("is not taken from a chapter between other neighbours, or from one that another matches", () => {
    expect(kept(book, offered(["序", null], ["a", null], ["新", null], ["新二", null], ["c", null]))).toEqual([
      ["序", null, "preface"],
      ["一 灯", "卷一"],
      ["第3章", null],
      ["第4章", null],
      ["三 雪", "卷二"],
    ]);
    expect(kept(book, offered(["序", null], ["a", null], ["新", null], ["c", null], ["b", null]))[2]).toEqual([
      "第3章",
      null,
    ]);
  });

  test("is the volume around a new chapter, and none at the end of the book", () => {
    const chapters = offered(["序", null], ["a", null], ["新", "又"], ["b", null], ["c", null], ["尾", "尾"]);
    expect(kept(book, chapters).map(([, volume]) => volume)).toEqual([null, "卷一", "卷一", "卷一", "卷二", null]);
  });

  test("is no title that only was a number", () => {
    const numbers = published(["a", null], ["b", null]);
    expect(kept(numbers, offered(["新", null], ["a", null], ["b", null])).map(([title]) => title)).toEqual([
      "第1章",
      "第2章",
      "第3章",
    ]);
  });

  test("does not touch what it states", () => {
    expect(
      kept(book, offered(["序", "序言", null], ["a", "一", null], ["b", "二", "上卷"], ["c", "三", null])),
    ).toEqual([
      ["序言", null],
      ["一", null],
      ["二", "上卷"],
      ["三", null],
    ]);
  });
});

test("chapters whose titles are only numbers have the volumes of their texts", () => {
  const volumes = ["上", "上", "下", "下"];
  const before = published(...numbered("a", "b", "c", "d")).map((one, index) => ({ ...one, volume: volumes[index]! }));
  const after = offered(...numbered("a", "b", "新", "c", "d"));
  expect(keepHeadings(before, after).map(({ volume }) => volume)).toEqual(["上", "上", null, "下", "下"]);
});

test("chapters that an edition left out have their titles and volumes again when they come back", () => {
  const [, ...left] = book;
  const back = keepHeadings([book[0]!], offered(["序", "序"], ["a", null], ["b", null], ["c", null]), left);
  expect(back.map(({ title, volume }) => [title, volume])).toEqual([
    ["序", null],
    ["一 灯", "卷一"],
    ["二 风", "卷一"],
    ["三 雪", "卷二"],
  ]);
});

test("a published chapter between two pairs of neighbours that changed places is of one offered chapter, not of two", () => {
  const before = published(...numbered("1", "2", "3", "4", "5")).map((one) => ({ ...one, title: `T${one.no}` }));
  const after = offered(["2", null], ["新", null], ["4", null], ["1", null], ["新新", null], ["5", null]);
  expect(keepHeadings(before, after).map(({ title }) => title)).toEqual(["T2", "T3", "T4", "T1", "第5章", "T5"]);
});
