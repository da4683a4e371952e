import { expect, it } from "vitest";
import { aliasesOf, leadsOf, nearKeysOf } from "../../../src/domain/searchText/titles.ts";

it.each([
  ["斗破苍穹（精校版）", ["斗破苍穹"]],
  ["《诡秘之主》完本", ["诡秘之主"]],
  ["三国：开局召唤", []],
  ["重生80：我是大富翁", []],
  ["凡人修仙传 仙界篇", []],
  ["三体II：黑暗森林", ["三体II"]],
  ["最强狂兵Ⅱ：黑暗荣耀", ["最强狂兵Ⅱ"]],
  ["盗墓笔记10：终章", ["盗墓笔记10"]],
  ["盗墓笔记30：终章", ["盗墓笔记30"]],
  ["盗墓笔记31：终章", []],
  ["盗墓笔记0：终章", []],
  ["龙族V：悼亡者的归来", ["龙族V"]],
  ...["II", "III", "IV", "VI", "VII", "VIII", "IX", "X", "XI", "XII"].map((no): [string, string[]] => [
    `某书${no}：终`,
    [`某书${no}`],
  ]),
  ["Re: Zero", []],
  ["剑来", []],
])("finds other names of %s", (title, aliases) => {
  expect(aliasesOf(title)).toEqual(aliases);
});

it.each([
  ["【完本】三国：开局召唤", ["三国"]],
  ["凡人修仙传 仙界篇", ["凡人修仙传"]],
  ["Re: Zero", []],
  ["剑来", []],
])("finds what a subtitle follows in %s", (title, leads) => {
  expect(leadsOf(title)).toEqual(leads);
});

it.each([
  ["wrong", "斗破苍芎"],
  ["missing", "斗苍穹"],
  ["too many", "斗破苍天穹"],
  ["swapped", "斗苍破穹"],
])("meets a name with a character %s", (_, typed) => {
  const keysOf = (key: string) => [key, ...nearKeysOf(key)];
  const common = keysOf(typed).filter((key) => keysOf("斗破苍穹").includes(key));
  expect(common).not.toEqual([]);
});

it("meets no name with two wrong", () => {
  expect(nearKeysOf("斗破天地").filter((key) => nearKeysOf("斗破苍穹").includes(key))).toEqual([]);
});
