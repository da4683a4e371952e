import { arabicDigits, numberOf, romanCharacters } from "../numerals.ts";
import { romanNumber } from "./english.ts";
import { chineseNumeral, type FormRule, orderOf, separatedForm, separator } from "./form.ts";

const arabic = new RegExp(
  `^(?<number>[${arabicDigits}]{1,5})(?![:：]\\d)(?:${separator}+(?<rest>\\S.*)|[、.．]?)$`,
  "u",
);
/** One digit is a measure more often (3个人, 2天后) than a number. */
const glued =
  /^(?<number>\d{2,4}|\d(?![个個天年月日岁歲元块塊分点點号號次人米斤里只条條张張名位种種层層楼樓万萬千百亿億小秒度倍比点步级級、回]))(?<rest>\p{Script=Han}.*)$/u;
const chinese = new RegExp(`^其?(?<number>${chineseNumeral})(?:[\\s：:、．.·]+(?<rest>\\S.*)|[、.．]?)$`, "u");
const bracketed = new RegExp(
  `^[（(【〔〈[]\\s*(?<number>[${arabicDigits}]{1,5}|${chineseNumeral})\\s*[）)】〕〉\\]]\\s*(?<rest>.*)$`,
  "u",
);

const roman = /^(?<number>X{0,3}(?:IX|IV|V?I{1,3}|V|(?<=X)))(?:[.、．:：]\s*(?<rest>\S.*)|[.．]?)$/u;

/** 12、风起, 012 风起, 12. A time (22:15) is none. */
export const arabicForm: FormRule = (title) => {
  const groups = arabic.exec(title)?.groups;
  return groups ? separatedForm("#", numberOf(groups.number!), title, groups.rest) : [];
};

/** 012风起. */
export const gluedForm: FormRule = (title) => {
  const groups = glued.exec(title)?.groups;
  return groups
    ? separatedForm("#", numberOf(groups.number!), title, groups.rest).map((form) => ({ ...form, loose: true }))
    : [];
};

/** 十二、风起, 十二, 其十二. */
export const chineseForm: FormRule = (title) => {
  const groups = chinese.exec(title)?.groups;
  return groups ? separatedForm("一", numberOf(groups.number!), title, groups.rest) : [];
};

/** （十二）风起, 【12】. */
export const bracketedForm: FormRule = (title) => {
  const groups = bracketed.exec(title)?.groups;
  return groups ? separatedForm("()", numberOf(groups.number!), title, groups.rest) : [];
};

const romanCharacter = new RegExp(`^(?<number>[${romanCharacters}])(?:${separator}+(?<rest>\\S.*)|[.．]?)$`, "u");

/** IV. 风起, IV alone, Ⅳ 风起. */
export const romanForm: FormRule = (title) => {
  const one = romanCharacter.exec(title)?.groups;
  if (one) return separatedForm("I", numberOf(one.number!), title, one.rest);
  const groups = roman.exec(title)?.groups;
  return groups ? separatedForm("I", romanNumber(groups.number!), title, groups.rest) : [];
};

/** 上, 中, 下 alone. */
export const upperForm: FormRule = (title) =>
  /^[上中下]$/u.test(title) ? separatedForm("上", orderOf(title), title) : [];
