import { folded } from "./folded.ts";

const signs = "\\s=＝\\-—–_*＊~～#＃☆★◆◇■□●○◎※.·…+<>|\\u2500-\\u25FF";
/** A row of signs that parts one thing from another. */
const rule = new RegExp(`^[${signs}]+$`, "u");
const marked = "章节内容|(?:用户|会员|网友)上传[之的]?内容|正文";
const divider = new RegExp(`^[${signs}【】[\\]]*(?:${marked}|(?:章节)?目录)(?:开始|结束)?[${signs}【】[\\]]*$`, "u");
/** The longest divider, in UTF-16 units. */
const longest = 120;

/** A site's mark with signs on both sides, as a pattern of simplified text: ------章节内容开始------. */
export const framedMark = new RegExp(`^[${signs}]{2,}(?:${marked})(?:开始|结束)[${signs}]{2,}$`, "u");

/** Returns whether the line is made of signs only, such as ====== or ☆☆☆. */
export function isRule(line: string): boolean {
  return line.length >= 3 && rule.test(line);
}

/**
 * Returns whether the line parts the fields of a book from what follows: a row of signs, or a label with or without them, such as
 * ------章节内容开始------ or 正文.
 */
export function isDivider(line: string): boolean {
  return isRule(line) || (line.length <= longest && divider.test(folded(line)));
}
