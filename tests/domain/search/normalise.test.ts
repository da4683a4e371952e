import fc from "fast-check";
import { expect, it } from "vitest";
import { keyOf, normalise, normaliseWithPlaces } from "../../../src/domain/search/normalise.ts";

it.each([
  ["《鬥破蒼穹》", "斗破苍穹"],
  ["ＡＢＣ　１２３", "abc 123"],
  ["【完本】诡秘之主——爱潜水的乌贼", "完本 诡秘之主 爱潜水的乌贼"],
  ["C++ 與 C#", "c++ 与 c#"],
  ["cafe\u0301", "café"],
  ["㍿", "株式会社"],
  ["👍 好", "👍 好"],
  ["  \u3000、。 ", ""],
])("normalises %s", (text, expected) => {
  expect(normalise(text)).toBe(expected);
});

it("folds a character alone as it does in a word", () => {
  for (const [one, other] of [
    ["乾坤", "干坤"],
    ["看著", "看着"],
    ["甦醒", "苏醒"],
    ["裏裡", "里里"],
    ["妳", "你"],
  ] as const) {
    expect(normalise(one)).toBe(normalise(other));
  }
  const title = "乾隆與著名的鐘鼓樓";
  for (let from = 0; from < title.length; from++) expect(normalise(title)).toContain(normalise(title.slice(from)));
});

it("has keys without spaces, and never an empty one of a text with ink", () => {
  expect(keyOf("《斗破 苍穹》")).toBe("斗破苍穹");
  expect(keyOf("！！！")).toBe("!!!");
});

it("says where each of its characters stands in the original", () => {
  const original = "《㈱》A 鬥破";
  const { text, starts, ends } = normaliseWithPlaces(original);
  expect(text).toBe("株 a 斗破");
  const at = text.indexOf("斗破");
  expect(original.slice(starts[at], ends[at + 1])).toBe("鬥破");
  expect(original.slice(starts[0], ends[0])).toBe("㈱");
});

it("is the same when it is normalised again, with places in order", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (original) => {
      const { text, starts, ends } = normaliseWithPlaces(original);
      expect(normalise(text)).toBe(text);
      expect(starts.length).toBe(text.length);
      starts.forEach((start, unit) => {
        expect(start).toBeLessThan(ends[unit] ?? 0);
        expect(start).toBeGreaterThanOrEqual(starts[unit - 1] ?? 0);
      });
      expect(ends.at(-1) ?? 0).toBeLessThanOrEqual(original.length);
    }),
  );
});
