import type { ParsedChapter } from "../../parsedBook.ts";
import { numberOf, numeralCharacters } from "../numerals.ts";

/** A line read as a heading in one of the forms that headings take; `unit` names the form (units.ts), or `named`. */
export type Form = {
  readonly unit: string;
  readonly number: number;
  /** The heading without ornaments. */
  readonly title: string;
  /** The text behind number and separator; empty if the line is a number only. */
  readonly rest: string;
  /** Number and title are not separated: 第一章风起, as a sentence of the body may begin too. */
  readonly loose: boolean;
  /** The text before the number on the same line: a volume (第一卷 风起 第一章 少年), or the book's name. */
  readonly before?: string | undefined;
  readonly kind?: ParsedChapter["kind"] | undefined;
  /** A label that only headings have stood before it: 正文 第一章. */
  readonly labelled?: true | undefined;
};

/** Reads a title in one form; an empty list if it is not of this form. */
export type FormRule = (title: string) => readonly Form[];

/** Patterns that the forms share. */
export const numeral = `[${numeralCharacters}](?:\\s{0,3}[${numeralCharacters}]){0,11}`;
export const chineseNumeral = "(?:[〇零一二两三四五六七八九十百千]{1,7}|[零壹贰貳叁參叄肆伍陆陸柒捌玖拾佰]{1,7})";
export const latinNumeral = "[IVXLC]{1,7}";
export const separator = "[\\s：:、，,．.·•_|—－\\-]";

const leadingSeparators = new RegExp(`^${separator}+`, "u");
/** 第三章完 ends a chapter and begins none. */
const ending = /^\s*[（(]?(?:完|完结|未完待续|待续)[）)]?$/u;

/** A form whose number is followed by `tail`; without a separator between it is loose. */
export function withTail(unit: string, number: number | undefined, title: string, tail: string): readonly Form[] {
  if (number === undefined || ending.test(tail)) return [];
  const rest = tail.replace(leadingSeparators, "").trim();
  const isSeparated =
    tail === "" || rest.length < tail.trim().length || /^[\s（(【]/u.test(tail) || /^[上中下]$/u.test(rest);
  return [{ unit, number, title, rest, loose: !isSeparated }];
}

/** A form whose number and title are apart. */
export function separatedForm(unit: string, number: number | undefined, title: string, rest = ""): readonly Form[] {
  return number === undefined ? [] : [{ unit, number, title, rest: rest.trim(), loose: false }];
}

/** A number, or one of 上中下. */
export function orderOf(number: string): number | undefined {
  const order = "上中下".indexOf(number);
  return order >= 0 ? order + 1 : numberOf(number);
}
