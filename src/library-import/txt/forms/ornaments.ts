import { addresses } from "../addresses.ts";

const ornaments = "=＝*＊☆★◎●○◆◇■□▲△▼▽※#＃~～→←†‡§◈❀✿";
const leading = new RegExp(`^[${ornaments}\\-_/／]+[、，：:.．]?\\s*`, "u");
const trailing = new RegExp(`(?:[${ornaments}]+|[\\-_—]{2,})$`, "u");
const label =
  /^(?:正文卷?|章节目录|章节内容|最新章节(?![：:])|VIP章节|VIP卷?|公众章节|免费章节)[\s：:．.、·_—-]*(?=[第卷序楔番尾引后]|chapter|\d)/iu;
const openings = "【〖[「『《〈＜<";
const closings = "】〗]」』》〉＞>";
/** The number of a page behind dots, as tables of contents have it. */
const pageNumber = /\s*(?:…+|\.{3,}|·{3,}|-{3,}|—{2,})\s*\d{1,4}$/u;
/** A bracket with an address goes whole, with the site's name in it. */
const site = new RegExp(
  `\\s*[（(【[](?:[^（）()【】[\\]]{0,12}${addresses.prefixed}[^（）()【】[\\]]{0,12}|\\s*${addresses.any}\\s*)[）)】\\]]$|[\\s\\-—_|｜]*${addresses.prefixed}$`,
  "u",
);

/** A number with its unit, and words behind it at once. */
const gluedNumber = /^第[^\s：:、.．·章回节]{1,8}[章回节][^\s：:、.．·—-]/u;

/** Text that sites put behind a heading: 更新时间:2012-3-1 10:00:00 本章字数:3012. */
const toldBySites =
  /[\s（(【[]*(?:(?:更新|发布|上传|發布)(?:时间|日期|于|時間)|(?:本章|全文|章节)?字[数數])\s*[:：]?\s*\d.{0,60}$/u;
const date = /[\s（(【[]+\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?[\s）)】\]]*$/u;

/** A heading without what download sites put around it, and whether a label stood there that only headings have. */
export type Undecorated = { readonly title: string; readonly labelled: boolean };

/** - 12 -, —— 一 ——, ·三·: a number with the same on both sides. */
const framed =
  /^(?<frame>[-—–―·•‧~～=＝])+\s*(?<number>[\d０-９]{1,5}|[〇零一二两三四五六七八九十百]{1,6})\s*(?:\k<frame>)+$/u;

/** Takes off ornaments, a site's address, brackets (【第一章】 风起) and labels (正文 第一章). */
export function withoutOrnaments(line: string): Undecorated {
  const number = framed.exec(line)?.groups?.number;
  if (number !== undefined) return { title: number, labelled: false };
  const bare = undecorated(line);
  let title = /^[正章最公免v]/iu.test(bare) ? bare.replace(label, "") : bare;
  let labelled = title.length < bare.length;
  const bracket = openings.indexOf(title[0] ?? "");
  if (title !== "" && bracket >= 0 && /^.\s*(?:[第卷]|正文|序|楔|番外|后记|尾声|前言|引子)/u.test(title)) {
    const close = title.indexOf(closings[bracket]!);
    // 【第一章任务】：未完成 is a field of a game's window, 【第一章】：夜渡 a heading.
    if (close > 0 && !(/^[：:]/u.test(title.slice(close + 1)) && gluedNumber.test(title.slice(1, close)))) {
      title = `${title.slice(1, close).trim()} ${title.slice(close + 1).trim()}`.trim().replace(label, "");
      labelled = true;
    }
  }
  return { title: title.replace(/\t/g, " "), labelled };
}

/** Each pattern is tried only on lines that have what it needs: most lines of a novel have nothing of it. */
function undecorated(line: string): string {
  let bare = line.replace(leading, "");
  if (/\d/u.test(bare)) {
    if (/[字时時日于]/u.test(bare)) bare = bare.replace(toldBySites, "");
    if (/[)）\]】\d日]$/u.test(bare)) bare = bare.replace(date, "");
    if (/[….·—-]\s*\d{1,4}$/u.test(bare)) bare = bare.replace(pageNumber, "");
  }
  bare = bare.replace(trailing, "").trimEnd();
  return (bare.includes(".") ? bare.replace(site, "") : bare).trim();
}
