import { expect, it } from "vitest";
import { analyseQuery } from "../../../src/domain/search/analyseQuery.ts";

it("reads characters mixed with pinyin and initials", () => {
  expect(analyseQuery("斗po苍穹")).toMatchObject({ han: "斗苍穹", hasLetters: true, letters: "" });
  expect(analyseQuery("斗po苍穹").joined).toContain("doupocangqiong");
  expect(analyseQuery("斗破cq").syllables).toEqual(["dou. po. c q"]);
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
