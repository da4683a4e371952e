/**
 * A title that is only a number (第十二章, No. 12, Chapter 12), or the title of a text without chapters. Two runs of punctuation
 * always have something between them, so that a title of nothing else takes time in proportion to its length.
 */
const bare =
  /^正文$|^[\s\p{P}]*(?:(?:第|chapter|part|no)[\s\p{P}]*)?[\p{Nd}零〇一二三四五六七八九十百千万两兩廿卅壹贰叁肆伍陆柒捌玖拾]+[\s\p{P}]*(?:[章节節回卷部集篇话話幕折则則页頁][\s\p{P}]*)?$/iu;

/** Returns whether a title only numbers a chapter and does not describe its contents. */
export function isBareTitle(title: string): boolean {
  return bare.test(title);
}
