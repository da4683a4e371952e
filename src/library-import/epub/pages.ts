import { kindOf } from "../headingNames.ts";
import type { ParsedChapter } from "../parsedBook.ts";

const noChapter =
  /^(?:封面页?|封底|目[录錄次]|总目录?|扉页|书名页?|标题页|cover ?(?:page)?|(?:table of )?contents|toc|title ?page|half ?title)$/iu;

/** Pages before the text that only books in shops have. */
const before =
  /^(?:版权(?:信息|页|声明|说明|所有)?|(?:本?书籍?|图书|出版)信息|图书在版编目.{0,20}|(?:电子书)?制作(?:说明|信息|人员)|(?:内容|作品|图书|本书)?简介|(?:作者|译者)(?:简介|介绍)|(?:关于|有关)(?:作者|本书|译者)|(?:编者|译者|出版者?)(?:按|的?话|前言)|(?:推荐|译者?|译本|再版|初版|重版|新版|作者|编者)自?序.{0,12}|题[记献辞词]|献[词辞给].{0,12}|致读者|导[读言论]|copyright.{0,20}|dedication|about the author)$/iu;
/** And behind it. */
const behind =
  /^(?:(?:译|编|校|译者|编者)后记|注释?|尾注|注解|参考(?:文献|书目)|致谢|鸣谢|(?:作者|大事)?年[表谱]|索引|notes?|endnotes?|acknowledge?ments?|index|bibliography)$/iu;

/** Returns whether a title is that of a page without text, such as the cover or the table of contents. */
export function isNoChapter(title: string): boolean {
  return noChapter.test(title.replace(/[\s【】[\]]/gu, "")) || noChapter.test(title.trim());
}

/** The kind of an EPUB's entry: `kindOf`, and the pages of printed books around the text. */
export function kindOfPage(title: string): ParsedChapter["kind"] {
  const plain = title.trim();
  if (before.test(plain)) return "preface";
  return behind.test(plain) ? "afterword" : kindOf(title);
}

/** Returns whether a line alone names such a page. */
export function namesPage(line: string): boolean {
  return isNoChapter(line) || before.test(line) || behind.test(line);
}

const navigation =
  /^(?:[\s|｜·•<>«»←→[\]【】-]*(?:[上下][一]?[章页节篇回]|返回目录|返回|目录|首页|加入书签))+[\s|｜·•<>«»←→[\]【】-]*$/u;
/** Navigation is no longer, in UTF-16 units. */
const longestNavigation = 40;

/** Links at the ends of pages that were made of a site's: 上一章 | 返回目录 | 下一章. */
export function isNavigation(line: string): boolean {
  return line.length <= longestNavigation && navigation.test(line);
}
