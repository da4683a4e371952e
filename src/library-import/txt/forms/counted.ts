import { numberOf, numeralCharacters } from "../numerals.ts";
import { unitCharacters, unitOf } from "../units.ts";
import { romanNumber } from "./english.ts";
import { chineseNumeral, type FormRule, latinNumeral, numeral, orderOf, separator, withTail } from "./form.ts";

const range = `(?:\\s*[-~～、至到]\\s*第?\\s*${numeral})?`;
const counted = new RegExp(
  `^[第弟笫]\\s*(?:(?<number>${numeral})|(?<latin>${latinNumeral}))${range}\\s*(?<unit>部分|[${unitCharacters}])(?<tail>.*)$`,
  "u",
);
const volume = new RegExp(`^卷\\s*之?\\s*(?<number>[${numeralCharacters}]{1,7}|[上中下])(?<tail>.*)$`, "u");
const unitFirst = new RegExp(
  `^(?<unit>[章回节節折])\\s*(?<number>${chineseNumeral}|\\d{1,4})(?<tail>(?:${separator}.*)?)$`,
  "u",
);
const upperLower = /^(?<number>[上中下])(?<unit>[卷部篇集册冊])(?<tail>.*)$/u;
const headless = new RegExp(`^(?<number>${numeral})\\s*(?<unit>[章回])(?<tail>(?:${separator}.*)?)$`, "u");
const uncounted = new RegExp(`^第\\s*(?<number>${numeral})(?<tail>${separator}.*)$`, "u");

const otherUnit = new RegExp(
  `^第\\s*(?<number>${numeral})(?<unit>\\p{Script=Han}{1,3})(?<tail>(?:${separator}.*)?)$`,
  "u",
);

/** 第一章 风起, 第IV章, 卷二, 上部, 章一 风起: a number with its unit. */
export const countedForm: FormRule = (title) => {
  const groups = (counted.exec(title) ?? volume.exec(title) ?? upperLower.exec(title) ?? unitFirst.exec(title))?.groups;
  if (!groups) return [];
  const { unit = "卷", number, latin, tail } = groups;
  const value = latin === undefined ? orderOf(number!) : romanNumber(latin);
  return withTail(unitOf(unit), value, title, tail!);
};

/** 十二章 风起: without 第. */
export const headlessForm: FormRule = (title) => {
  const groups = headless.exec(title)?.groups;
  if (!groups) return [];
  return withTail(groups.unit!, numberOf(groups.number!), title, groups.tail!).map((form) => ({
    ...form,
    loose: true,
  }));
};

/** 第十二 风起: without a unit. */
export const uncountedForm: FormRule = (title) => {
  const groups = uncounted.exec(title)?.groups;
  return groups ? withTail("第", numberOf(groups.number!), title, groups.tail!) : [];
};

/** 第一札 风起, 第三号案件: in a unit that few books have. It is named 第札, 第号案件. */
export const otherUnitForm: FormRule = (title) => {
  const groups = otherUnit.exec(title)?.groups;
  return groups ? withTail(`第${groups.unit!}`, numberOf(groups.number!), title, groups.tail!) : [];
};
