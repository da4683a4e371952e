import fc from "fast-check";
import { expect, it } from "vitest";
import { keyOf, normalise, normaliseWithPlaces, placesFrom } from "../../../src/domain/searchText/normalise.ts";

it.each([
  ["《鬥破蒼穹》", "斗破苍穹"],
  ["ＡＢＣ　１２３", "abc 123"],
  ["【完本】诡秘之主——爱潜水的乌贼", "完本 诡秘之主 爱潜水的乌贼"],
  ["C++ 與 C#", "c++ 与 c#"],
  ["cafe\u0301", "café"],
  ["㍿", "株式会社"],
  ["👍 好", "👍 好"],
  ["  \u3000、。 ", ""],
  ["1\ufe0f\u20e3班", "1班"],
  ["葛\u{e0104}城风云", "葛城风云"],
  ["斗\u034f破\ufe00苍\u2060穹\u200e", "斗破苍穹"],
  ["co\u00adop cafe\u034f\u0301", "coop café"],
  ["❤\ufe0f 👩\u200d💻", "❤ 👩💻"],
  ["斗\u200b破\u3164苍\u2800穹", "斗 破 苍 穹"],
  ["\ufe0f\u{e0020}", ""],
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
  expect(keyOf("！\ufe0f！\u200b")).toBe("!!");
  for (const blank of ["\u200b", "\ufe0f", "\u3164", "\u2800\u{e0041}"]) expect(keyOf(blank)).toBe("");
});

it("leaves nothing of what Unicode says is not to be shown", () => {
  const left: string[] = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    if (!/\p{Default_Ignorable_Code_Point}/u.test(character)) continue;
    if (normalise(`斗${character}破`).replace(" ", "") !== "斗破") left.push(point.toString(16));
  }
  expect(left).toEqual([]);
});

it("says where each of its characters stands in the original", () => {
  const original = "《㈱》A 鬥破";
  const { text, starts, ends } = normaliseWithPlaces(original);
  expect(text).toBe("株 a 斗破");
  const at = text.indexOf("斗破");
  expect(original.slice(starts[at], ends[at + 1])).toBe("鬥破");
  expect(original.slice(starts[0], ends[0])).toBe("㈱");
  const marked = normaliseWithPlaces("看鬥\ufe00破");
  expect([marked.text, marked.starts, marked.ends]).toEqual(["看斗破", [0, 1, 3], [1, 3, 4]]);
});

const unseenOrMark = fc.constantFrom(
  "\u00ad",
  "\u034f",
  "\u200b",
  "\u200d",
  "\ufe0f",
  "\u{e0100}",
  "\u20e3",
  "\u3164",
  "\u0301",
);

it("says where the characters of a part stand, and of no more", () => {
  const original = `㍿《鬥》破${"长".repeat(5_000)}`;
  const whole = normaliseWithPlaces(original);
  const { starts, ends } = placesFrom(original, 5, 10);
  expect([starts, ends]).toEqual([whole.starts.slice(5, 5 + starts.length), whole.ends.slice(5, 5 + ends.length)]);
  expect([starts.length, starts.at(-1)]).toEqual([10, 11]);
  expect(placesFrom(original, 6_000, 10)).toEqual({ starts: [], ends: [] });
});

it("is the same when it is normalised again, with places in order", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(fc.string({ unit: "grapheme", maxLength: 1 }), unseenOrMark) }),
      (original) => {
        const { text, starts, ends } = normaliseWithPlaces(original);
        expect(normalise(text)).toBe(text);
        expect(starts.length).toBe(text.length);
        starts.forEach((start, unit) => {
          expect(start).toBeLessThan(ends[unit] ?? 0);
          expect(start).toBeGreaterThanOrEqual(starts[unit - 1] ?? 0);
        });
        expect(ends.at(-1) ?? 0).toBeLessThanOrEqual(original.length);
      },
    ),
  );
});
