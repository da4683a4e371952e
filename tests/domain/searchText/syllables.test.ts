import { expect, it } from "vitest";
import { unitsOf } from "../../../src/domain/searchText/syllables.ts";

const written = (letters: string) =>
  unitsOf(letters).map((units) => units.map(({ letters, isWhole }) => letters + (isWhole ? "." : "")).join(" "));

it.each([
  ["doupocangqiong", ["dou. po. cang. qiong."]],
  ["dpcq", ["d p c q"]],
  ["zhsh", ["zh sh"]],
  ["xian", ["xian.", "xi. an."]],
  ["doupoc", ["dou. po. c"]],
  ["cangqio", ["cang. qio"]],
  ["nue", ["nue."]],
])("reads %s", (letters, ways) => {
  expect(written(letters).slice(0, ways.length)).toEqual(ways);
});

it("reads nothing into what is no pinyin", () => {
  expect(unitsOf("")).toEqual([]);
  expect(unitsOf("a1")).toEqual([]);
  expect(unitsOf("aiueoi".repeat(10))).toEqual([]);
});
