import fc from "fast-check";
import { expect, it } from "vitest";
import { analyseQuery } from "../../../src/domain/searchText/analyseQuery.ts";
import { pronunciationsOf, waysOf } from "../../../src/domain/searchText/pinyin.ts";
import { unitsOf } from "../../../src/domain/searchText/syllables.ts";

it("reads characters mixed with pinyin and initials", () => {
  expect(analyseQuery("斗po苍穹")).toMatchObject({ han: "斗苍穹", hasLetters: true, letters: "" });
  expect(analyseQuery("斗po苍穹").joined).toContain("doupocangqiong");
  expect(analyseQuery("斗破cq").syllables).toEqual(["dou. po. c q"]);
});

it("is bounded, whatever the characters stand for", () => {
  for (const character of ["\uFDFA", "㍿", "㈠", "ﬃ", "İ", "⩴", "…", "長", "😀", "각", "裝"]) {
    const { key, text, joined, letters, sortedKey, han } = analyseQuery(character.repeat(100));
    for (const part of [key, text, letters, sortedKey, han, ...joined]) expect(part.length).toBeLessThanOrEqual(600);
    expect(key).not.toBe("");
    for (const part of [key, text]) {
      expect(part.length).toBeLessThanOrEqual(200);
      expect(part.isWellFormed()).toBe(true);
    }
  }
  expect(analyseQuery("斗".repeat(100)).key).toBe("斗".repeat(100));
  expect(analyseQuery("𠀀".repeat(100)).key).toBe("𠀀".repeat(100));
});

it.each([
  ["斗破苍穹+天蚕土豆", ["斗破苍穹", "天蚕土豆"]],
  ["斗破苍穹 + 天蚕土豆", ["斗破苍穹", "天蚕土豆"]],
  ["#斗破苍穹#", ["斗破苍穹"]],
  ["C++入门 C#", ["c++入门", "c#"]],
  ["+", []],
])("takes + and # of %j for separators unless they end a name", (query, words) => {
  expect(analyseQuery(query).words).toEqual(words);
});

it("searches for different words, and not for all of very many", () => {
  expect(analyseQuery("斗破 苍穹 鬥破 苍穹").words).toEqual(["斗破", "苍穹"]);
  expect(analyseQuery([..."一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯"].join(" ")).words).toHaveLength(20);
});

it("reads letters that look like syllables as initials too", () => {
  expect(analyseQuery("我即shhdz").syllables).toContain("wo. ji. s h h d z");
  expect(analyseQuery("公ac").syllables).toContain("gong. a c");
});

it("reads spaced pinyin as whole syllables, the last one as far as it is typed", () => {
  expect(analyseQuery("dou po cang")).toMatchObject({ key: "doupocang", letters: "doupocang", joined: ["doupocang"] });
  expect(analyseQuery("dou po cang").syllables[0]).toBe("dou. po. cang");
});

it("writes ü as u where it is pinyin, and leaves it in the key", () => {
  expect(analyseQuery("nvdi")).toMatchObject({ key: "nvdi", letters: "nudi", joined: ["nudi"] });
  expect(analyseQuery("nüdi").joined).toEqual(["nudi"]);
});

it("asks in a bounded number of ways", () => {
  const { joined, syllables, nearKeys } = analyseQuery("长重乐行朝曾都还解单".repeat(10));
  expect(joined.length).toBeLessThanOrEqual(8);
  expect(syllables.length).toBeLessThanOrEqual(8);
  expect(nearKeys).toEqual([]);
});

// The sequences of any of these would not all fit into memory.
it.each([
  ["重a", 50, "zhong. a. zhong. a. "],
  ["斗xian", 20, "dou. xian. dou. xian. "],
  ["a ", 50, "a. a. "],
  ["xian ", 20, "xian. xian. "],
  ["dp1", 33, "dp1dp1"],
  ["长shh", 25, "chang. sh h chang. sh h "],
])("asks in a bounded number of ways for 100 characters of %s", (part, times, start) => {
  const { syllables, joined } = analyseQuery(part.repeat(times));
  expect(joined.length).toBeLessThanOrEqual(8);
  expect(syllables.length).toBeLessThanOrEqual(8);
  expect(new Set(syllables).size).toBe(syllables.length);
  expect(syllables[0]?.startsWith(start)).toBe(true);
});

/** All sequences, whose number grows exponentially with the number of units, in order and each once. */
function allSequences(typed: string): readonly string[] {
  const spoken = pronunciationsOf(typed);
  const all = waysOf(spoken)
    .slice(0, 4)
    .flatMap((way) => {
      let sequences: string[][] = [[]];
      way.forEach((reading, at) => {
        const isLast = at === way.length - 1;
        const whole = isLast ? reading : `${reading}.`;
        const units = unitsOf(reading).map((units) =>
          units.map((unit, index) =>
            unit.isWhole && !(isLast && index === units.length - 1) ? `${unit.letters}.` : unit.letters,
          ),
        );
        const letters = units.length === 0 ? [[whole]] : reading.length <= 12 ? [...units, [...reading]] : units;
        const choices = spoken[at]?.isHan ? [[`${reading}.`]] : letters;
        sequences = choices.flatMap((choice) => sequences.map((sequence) => [...sequence, ...choice]));
      });
      return sequences.map((sequence) => sequence.join(" "));
    });
  return [...new Set(all)];
}

it("asks for the first of all sequences", () => {
  const parts = ["重", "a", "斗", "xian", "dp", " ", "长", "sh", "1", "v", "xi", "an", "行", "é", "zzz", "dou"];
  const typed = fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((chosen) => chosen.join(""));
  fc.assert(
    fc.property(typed, (typed) => {
      expect(analyseQuery(typed).syllables).toEqual(allSequences(typed).slice(0, 8));
    }),
    { numRuns: 500 },
  );
});
