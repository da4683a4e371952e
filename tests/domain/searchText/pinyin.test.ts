import { expect, it } from "vitest";
import { initialsOf, joinedOf, plainLetters, pronunciationsOf, waysOf } from "../../../src/domain/searchText/pinyin.ts";

it.each([
  ["斗破苍穹", "doupocangqiong", "dpcq"],
  ["重庆往事", "chongqingwangshi", "cqws"],
  ["长生界", "changshengjie", "csj"],
  ["乾坤大挪移", "qiankundanuoyi", "qkdny"],
  ["長生界", "changshengjie", "csj"],
  ["女帝", "nudi", "nd"],
  ["A股之王", "aguzhiwang", "agzw"],
  ["1984", "1984", "1984"],
])("reads %s in its words first", (title, joined, initials) => {
  const spoken = pronunciationsOf(title);
  expect(joinedOf(spoken)[0]).toBe(joined);
  expect(initialsOf(spoken)[0]).toBe(initials);
});

it("knows the readings that readers confuse", () => {
  expect(joinedOf(pronunciationsOf("长生界"))).toContain("zhangshengjie");
  expect(joinedOf(pronunciationsOf("重庆"))).toContain("zhongqing");
  // 乾 is folded to 干, which is never read qian.
  expect(joinedOf(pronunciationsOf("大乾武圣"))).toContain("daqianwusheng");
  expect(initialsOf(pronunciationsOf("从骑奴到大乾武圣"))).toContain("cqnddqws");
  expect(joinedOf(pronunciationsOf("饼干"))).toEqual(["binggan"]);
});

it("reads the first character of a name as a surname", () => {
  expect(joinedOf(pronunciationsOf("单田芳", "head"))[0]).toBe("shantianfang");
});

it("takes the initial of a foreign word, or all of it", () => {
  expect(initialsOf(pronunciationsOf("VR游戏"))).toEqual(["uryx", "uyx"]);
});

it("keeps the number of ways small", () => {
  expect(waysOf(pronunciationsOf("长重乐行朝曾都还解单"))).toHaveLength(8);
});

it("writes ü, v and u alike", () => {
  expect(["nǚ", "nü", "nv", "nu", "nu:"].map(plainLetters)).toEqual(Array(5).fill("nu"));
});
