import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/library-import/decodeText.ts";
import { UnusableBookFile } from "../../src/library-import/parsedBook.ts";
import { prose, titleOf, zh } from "./kinds/prose.ts";

const simplified = "第一章 风起\r\n\r\n　　他说：“一万年太久，只争朝夕。”她没有回答，只是看着远处的山。\r\n";
const traditional = "第一章 風起\n　　這是一個很長的故事，她說：「我們來看看吧。」他沒有回答，只是看著遠處的山。\n";

describe("a text is decoded, and its encoding named", () => {
  test.each([
    ["utf-8", "utf8", simplified],
    ["gb18030", "gb18030", simplified],
    ["utf-16le", "utf-16le", simplified],
    ["utf-16be", "utf-16be", simplified],
    ["big5", "big5", traditional],
    ["gb18030", "gb18030", "第一章\n正文。"],
    ["utf-16le", "utf-16le", "第一章\n正文。"],
    ["utf-16le", "utf-16le", "Chapter 1\nIt rained."],
    ["gb18030", "gb18030", `${simplified}𠮷㐂`],
    ["gb18030", "gb18030", `${"A licence.\n".repeat(30_000)}${simplified}`],
  ])("%s without a mark (%s)", (encoding, written, text) => {
    expect(decodeText(iconv.encode(text, written))).toMatchObject({ text, encoding });
  });

  test.each(["utf-8", "utf-16le", "utf-16be", "gb18030"])("%s with a byte-order mark, which is dropped", (encoding) => {
    expect(decodeText(iconv.encode(`\uFEFF${simplified}`, encoding))).toMatchObject({ text: simplified, encoding });
  });
});

test("a replacement character of the text itself, and a last character cut in two, do not hinder", () => {
  expect(decodeText(Buffer.from("第一章\uFFFD")).text).toBe("第一章\uFFFD");
  const cut = Buffer.from(`${simplified.repeat(3)}章`).subarray(0, -1);
  expect(decodeText(cut)).toMatchObject({ text: `${simplified.repeat(3)}\uFFFD`, encoding: "utf-8" });
});

test("what is no text is refused", () => {
  const picture = Buffer.from("89504e470d0a1a0a0000000d49484452000000640000006408060000007052b554", "hex");
  expect(() => decodeText(picture)).toThrow(UnusableBookFile);
  expect(() => decodeText(picture)).toThrow("NUL");
  expect(decodeText(Buffer.from(`第一章\n　　正\0文。${"字".repeat(200)}`))).toMatchObject({
    warnings: ["1 NULs were left out: the file may be damaged"],
  });
  const noise = Buffer.from(Array.from({ length: 4_000 }, (_, index) => ((index * 7919) % 254) + 1));
  expect(() => decodeText(noise)).toThrow("encoding was not recognised");
});

const chapter = (no: number) =>
  [`第${zh(no)}章 ${titleOf(no)}`, ...prose(no * 41, 500).map((line) => `　　${line}`), ""].join("\n");
const chapters = Array.from({ length: 12 }, (_, index) => chapter(index + 1));
/** Twelve chapters, each in the encoding given for its number. */
const file = (encodingOf: (no: number) => string) =>
  Buffer.concat(chapters.map((text, index) => iconv.encode(text, encodingOf(index + 1))));
/** The line on which a chapter begins. */
const lineOf = (no: number) =>
  chapters
    .slice(0, no - 1)
    .join("")
    .split("\n").length;

describe("a file of two encodings has each stretch decoded in its own, and says so", () => {
  test.each([
    ["GB18030, then UTF-8", (no: number) => (no < 7 ? "gb18030" : "utf8"), 7],
    ["UTF-8, then GB18030", (no: number) => (no < 8 ? "utf8" : "gb18030"), 8],
    ["a chapter of GB18030 in UTF-8", (no: number) => (no === 5 ? "gb18030" : "utf8"), 5],
    ["a chapter of UTF-8 in GB18030", (no: number) => (no === 5 ? "utf8" : "gb18030"), 5],
    ["a chapter of Big5 in UTF-8", (no: number) => (no === 3 ? "big5" : "utf8"), 3],
    ["chapters by turns, the most in UTF-8", (no: number) => (no % 3 === 0 ? "gb18030" : "utf8"), 3],
  ])("%s", (_what, encodingOf, first) => {
    const { text, warnings } = decodeText(file(encodingOf));
    const right = chapters.map((text, no) => iconv.decode(iconv.encode(text, encodingOf(no + 1)), encodingOf(no + 1)));
    expect(text).toBe(right.join(""));
    expect(warnings).toEqual([expect.stringContaining(`first changes on line ${lineOf(first)}`)]);
  });

  test("a single line of UTF-8 in GB18030, and one that changes in its midst", () => {
    const line = "更多好书请看另一个地方\n";
    const mixed = Buffer.concat([file(() => "gb18030"), Buffer.from(line), file(() => "gb18030")]);
    expect(decodeText(mixed).text).toBe(chapters.join("") + line + chapters.join(""));
    const flowing = chapters.map((text) => text.replaceAll("\n", ""));
    const changing = flowing.map((text, index) => iconv.encode(text, index < 6 ? "gb18030" : "utf8"));
    expect(decodeText(Buffer.concat(changing)).text).toBe(flowing.join(""));
  });

  test("with a byte-order mark at the head or in the midst", () => {
    const marked = Buffer.concat([Buffer.from("\uFEFF"), file((no) => (no === 5 ? "gb18030" : "utf8"))]);
    expect(decodeText(marked).text).toBe(chapters.join(""));
    const copied = Buffer.concat([
      iconv.encode(chapters.join(""), "gb18030"),
      Buffer.from(`\uFEFF${chapters.join("")}`),
    ]);
    expect(decodeText(copied).text).toBe(chapters.join("") + chapters.join(""));
  });

  test.each([
    ["GB18030, then Big5", "gb18030", "big5"],
    ["Big5, then GB18030", "big5", "gb18030"],
    ["UTF-16, then GB18030", "utf-16le", "gb18030"],
    ["UTF-16, then UTF-8", "utf-16be", "utf8"],
    ["UTF-16 of the other byte order, then UTF-8", "utf-16le", "utf8"],
  ])("or is refused where that is not certain, naming the line: %s", (_what, one, other) => {
    const mixed = (times: number) => {
      const text = chapters.join("").repeat(times);
      return Buffer.concat([iconv.encode(text, one), iconv.encode(text, other)]);
    };
    expect(() => decodeText(mixed(4))).toThrow("save it as UTF-8");
    expect(() => decodeText(mixed(50))).toThrow(/from about line \d+ on in another encoding/);
  });
});

describe("a novel with signs of a font of its own, or with lost characters, is in one encoding", () => {
  const novel = chapters.join("").repeat(6);
  /** A chapter of private-use characters. */
  const signs = "价格\uE601\uE602\uE603元，共\uE605\uE606件。\n".repeat(400);

  test.each(["utf8", "utf-16le", "utf-16be"])("private-use characters in %s", (encoding) => {
    const text = novel + signs + novel;
    expect(decodeText(iconv.encode(text, encoding, { addBOM: true }))).toMatchObject({ text, warnings: [] });
  });

  test("private-use characters in UTF-8 with a damaged byte", () => {
    const bytes = Buffer.concat([Buffer.from(novel + signs + novel), Buffer.from([0xff])]);
    expect(decodeText(bytes)).toMatchObject({ text: `${novel}${signs}${novel}\uFFFD`, encoding: "utf-8" });
  });

  test("400 times U+FFFD in UTF-8", () => {
    const text = `${novel.repeat(6)}${"\uFFFD".repeat(400)}${novel.repeat(6)}`;
    expect(decodeText(Buffer.from(text))).toMatchObject({
      text,
      warnings: [expect.stringContaining("400 characters cannot be read")],
    });
  });

  test.each([1, 3, 100])("%d times 锟斤拷 in GB18030, the bytes of U+FFFD in UTF-8", (times) => {
    const text = `${novel}他说${"锟斤拷".repeat(times)}，是的。\n${"锟斤拷".repeat(times)}\n${novel}`;
    expect(decodeText(iconv.encode(text, "gb18030"))).toMatchObject({ text, encoding: "gb18030", warnings: [] });
  });
});

test.each(["utf8", "gb18030", "big5", "utf-16le"])("damaged bytes of %s give the first line", (encoding) => {
  const whole = chapters.join("");
  const bytes = iconv.encode(whole, encoding);
  const at = iconv.encode(whole.slice(0, 2_000), encoding).length;
  const cut = Buffer.concat([
    bytes.subarray(0, at),
    encoding === "utf-16le" ? Buffer.from([0, 0xd8]) : Buffer.from([0xff]),
    bytes.subarray(at),
  ]);
  const { text, warnings } = decodeText(cut);
  expect(text.length).toBeGreaterThan(0.99 * whole.length);
  const line = whole.slice(0, 2_000).split("\n").length;
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`^[12] characters cannot be read .* on line ${line}:`))]);
  expect(decodeText(bytes).warnings).toEqual([]);
});
