import { numberOf } from "../numerals.ts";
import { unitCharacters, volumeCharacters } from "../units.ts";
import { countedForm } from "./counted.ts";
import { chineseNumeral, type FormRule, numeral } from "./form.ts";

const inner = `第\\s*${numeral}\\s*[${unitCharacters}].*`;
const inVolume = new RegExp(
  `^(?<before>(?:第\\s*${numeral}\\s*[${volumeCharacters}]|卷\\s*${numeral}|[上中下][卷部篇集册冊])[^第。，！？]{0,24}?)\\s*(?<inner>${inner})$`,
  "u",
);
const afterName = new RegExp(`^(?<before>[^第。，！？；：“”（(]{1,30}?)[\\s:：·—-]*(?<inner>${inner})$`, "u");
const nameAndNumber = new RegExp(
  `^(?<before>\\p{L}[^\\d\\s，。！？；：、“”（）()]{0,19}?)(?:\\s+|之|\\s*[（(【])(?<number>\\d{1,4}|${chineseNumeral})[）)】]?\\s*(?:[（(](?:\\d{1,3}|[一二三四五六七八九十上中下]{1,3})[）)])?$`,
  "u",
);

/** 第二册第十三章山犬: the volume stands on the chapter's line. The line may be a title of a volume with that name, too. */
export const inVolumeForm: FormRule = (title) => {
  const groups = inVolume.exec(title)?.groups;
  if (!groups) return [];
  return countedForm(groups.inner!).map((form) => ({ ...form, before: groups.before!.trim() }));
};

/** 某书 第一章 风起: a name stands before the number. Which names are none, only their number tells. */
export const afterNameForm: FormRule = (title) => {
  const groups = title.includes("第", 1) ? afterName.exec(title)?.groups : undefined;
  if (!groups) return [];
  return countedForm(groups.inner!).map((form) => ({ ...form, before: groups.before!.trim() }));
};

/** 灯下录 一（1）, 灯下录之十二: the book's name and a number. */
export const nameAndNumberForm: FormRule = (title) => {
  if (!/[\d一二三四五六七八九十百千零〇上中下）)】]$/u.test(title)) return [];
  const groups = nameAndNumber.exec(title)?.groups;
  const number = groups && numberOf(groups.number!);
  if (number === undefined) return [];
  return [{ unit: "名", number, title, rest: "", loose: false, before: groups!.before!.trim() }];
};
