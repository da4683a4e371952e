import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/library-import/decodeText.ts";
import { UnusableBookFile } from "../../src/library-import/parsedBook.ts";

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
  expect(decodeText(Buffer.from(`第一章\n　　正\0文。${"字".repeat(200)}`))).toMatchObject({ nuls: 1 });
  const noise = Buffer.from(Array.from({ length: 4_000 }, (_, index) => ((index * 7919) % 254) + 1));
  expect(() => decodeText(noise)).toThrow("encoding was not recognised");
});
