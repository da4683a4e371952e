import { expect, it } from "vitest";
import { askedOf } from "../../../src/domain/search/asked.ts";

it("reads characters mixed with pinyin and initials", () => {
  expect(askedOf("斗po苍穹")).toMatchObject({ han: "斗苍穹", hasLetters: true, letters: "" });
  expect(askedOf("斗po苍穹").joined).toContain("doupocangqiong");
  expect(askedOf("斗破cq").syllables).toEqual(["dou. po. c q"]);
});

it("reads letters that look like syllables as initials too", () => {
  expect(askedOf("我即shhdz").syllables).toContain("wo. ji. s h h d z");
  expect(askedOf("公ac").syllables).toContain("gong. a c");
});

it("reads spaced pinyin as whole syllables, the last one as far as it is typed", () => {
  expect(askedOf("dou po cang")).toMatchObject({ key: "doupocang", letters: "doupocang", joined: ["doupocang"] });
  expect(askedOf("dou po cang").syllables[0]).toBe("dou. po. cang");
});

it("writes ü as u where it is pinyin, and leaves it in the key", () => {
  expect(askedOf("nvdi")).toMatchObject({ key: "nvdi", letters: "nudi", joined: ["nudi"] });
  expect(askedOf("nüdi").joined).toEqual(["nudi"]);
});

it("asks in a bounded number of ways", () => {
  const { joined, syllables, nearKeys } = askedOf("长重乐行朝曾都还解单".repeat(10));
  expect(joined.length).toBeLessThanOrEqual(8);
  expect(syllables.length).toBeLessThanOrEqual(8);
  expect(nearKeys).toEqual([]);
});
