import { addresses } from "./addresses.ts";
import { framedMark } from "./dividers.ts";
import { folded } from "./folded.ts";

const site = new RegExp(addresses.any, "gu");

/** A pattern, and words of which a line has one if it fits: most lines are recognised by these, in a tenth of the time. */
type Phrase = { readonly has?: readonly string[]; readonly pattern: RegExp };

/** Text that each advertising line contains, in either script: most lines are excluded by this test alone. */
const suspect =
  /https?:|www|wap\.|\.(?:com|net|org|cc|cn|la|info|me)\b|下[载載]|整理|提供|[制製]作|上[传傳]|首[发發]|收集|[仅僅]供|正版|版[权權]|本站|一秒|手[机機]|推[荐薦]票|月票|最快更新|[尽盡]在|[关關]注|[来來轉转出]自|本章|快捷[键鍵]|[书書][签籤]|上一|内容|內容|弹窗|彈窗|正文|更新[时時][间間]/iu;

/** Somebody is spoken of: a sentence of the text. */
const people = /[他她我]/u;
const telling = /[他她我了着]|[说问道][，。：:]/u;

/** Lines that only download sites have. */
const certain: readonly Phrase[] = [
  { has: ["开始", "结束"], pattern: framedMark },
  {
    has: ["本章未完"],
    pattern: /^[（(]?本章未完[，,、。；…\s]{0,3}(?:(?:请|待续|点击|继续|翻页|下一页).{0,12})?[）)]?$/u,
  },
  {
    has: ["更新时间", "本章"],
    pattern:
      /^更新时间\s*[:：]\s*\d[\d\s:：/年月日.-]*(?:本章字数.{0,12})?$|^本章(?:共|字数)\s*[:：]?\s*\d{1,6}\s*字?$/u,
  },
  {
    has: ["上一", "快捷键"],
    pattern:
      /^(?:[\s|｜()（）[\]【】←→<>《》·_—-]|上一[章页]|下一[章页]|返回|目录|书页|列表|加入书签|推荐|投票|快捷键|章节|enter){3,}$/iu,
  },
];

/** Phrases of download sites; a text may contain one of them, too. */
const phrases: readonly Phrase[] = [
  { has: ["由"], pattern: /(?:本书|本文|本作品|本电子书|电子书|小说)由.{0,30}(?:整理|提供|制作|上传|下载|首发|收集)/u },
  {
    has: ["更多", "海量"],
    pattern:
      /(?:更多|海量)(?:精彩|好看|免费)?.{0,8}(?:小说|电子书|好书|全本).{0,20}(?:下载|访问|登录|登陆|请到|尽在|关注)/u,
  },
  { has: ["下载的"], pattern: /(?:您|你)下载的.{0,8}(?:来自|来源)/u },
  { has: ["下载"], pattern: /(?:小说|电子书|TXT).{0,8}下载(?:网|站|论坛|基地|之家|尽在)/iu },
  { has: ["小时"], pattern: /(?:请|于)?下载后.{0,8}24\s*小时|24\s*小时(?:内|之内).{0,4}删除/u },
  {
    has: ["上传"],
    pattern:
      /(?:本书|本文|本作品)为.{0,40}(?:用户|会员|网友|读者).{0,4}上传.{0,90}|(?:用户|会员|网友)上传(?:之内容|的内容)?(?:开始|结束)/u,
  },
  {
    has: ["加入书签", "上一"],
    pattern: /^.{0,3}加入书签.{0,6}$|上一[章页].{0,24}下一[章页]/u,
  },
  { has: ["本站"], pattern: /请记住本站|收藏本站|本站(?:域名|网址|永久)/u },
  { has: ["一秒记住"], pattern: /一秒记住/u },
  { has: ["手机"], pattern: /手机(?:用户|阅读)请/u },
  { has: ["最快更新"], pattern: /最快更新.{0,30}(?:章节|小说)/u },
  { has: ["无弹窗"], pattern: /无弹窗/u },
];

/** What sites say of rights and votes, in fewer words. */
const pleas: readonly Phrase[] = [
  { has: ["仅供"], pattern: /仅供.{0,20}(?:学习|交流|试读|试阅|预览)/u },
  { has: ["支持正版", "版权归"], pattern: /支持正版|版权归.{0,12}(?:作者|原作者|出版社)/u },
];
/** Words beside an address. */
const beside: readonly Phrase[] = [
  ...pleas,
  { has: ["求", "投", "给"], pattern: /(?:求|投|给).{0,4}(?:推荐票|月票|收藏)/u },
  { pattern: /下载|小说|阅读|书库|书城|论坛|首发|更新|提供|整理|访问|登录|登陆|收藏本站|分享|[来转出]自|关注/u },
];

/** A name of a site: 某某小说网, but not 小说网站; 书库 and 论坛 in a sentence may be any. */
const siteName =
  /[\p{Script=Han}\w]{2,}(?:小说网|中文网|文学网|读书网|小说站)(?![站里上中])|【[^【】]{2,12}(?:网|书库|书吧|书屋|论坛|电子书)】/u;

/** The longest line that is looked at, in UTF-16 units: paragraphs of the text are longer. */
const longestBanner = 120;
/** Maximum number of other letters on a banner's line: a line with more is text, and stays. */
const maxOtherLetters = { phrase: 40, beside: 12, address: 2 };

/** How certain it is that a line is the advertisement or the notice of a download site. */
export type Banner = "sure" | "suspected" | undefined;

/**
 * Judges a line by itself. Sure is one that only sites have, or that has an address, a site's name or a second phrase, and next to
 * nothing else. One phrase alone is suspected: 手机用户请注意 may be told in a novel, and a paragraph with an address in it is text.
 */
export function bannerOf(line: string): Banner {
  if (line.length > longestBanner || line.length < 6 || !suspect.test(line) || '“「『"'.includes(line[0]!))
    return undefined;
  const other = line.includes(".") || line.includes("://") ? line.replace(site, "") : line;
  const hasAddress = other.length < line.length;
  const besides = folded(other);
  if (certain.some((some) => matches(besides, some))) return "sure";
  if (phrases.some((some) => matches(besides, some))) {
    const left = without(besides, phrases);
    if (people.test(besides) || letters(left) > maxOtherLetters.phrase) return undefined;
    if (hasAddress) return "sure";
    const second = [...phrases, ...pleas].filter((some) => matches(besides, some)).length > 1;
    return second || (siteName.test(besides) && !telling.test(besides)) ? "sure" : "suspected";
  }
  if (hasAddress && letters(besides) <= maxOtherLetters.address) return "sure";
  const found = beside.filter((some) => matches(besides, some));
  const isPlea = found.some((some) => pleas.includes(some));
  const enough = hasAddress ? found.length >= 1 : found.length >= 2 && isPlea;
  if (!enough || telling.test(besides) || letters(without(besides, beside)) > maxOtherLetters.beside) return undefined;
  return hasAddress ? "sure" : "suspected";
}

function matches(line: string, phrase: Phrase): boolean {
  return mayMatch(line, phrase) && phrase.pattern.test(line);
}

function mayMatch(line: string, { has }: Phrase): boolean {
  return has === undefined || has.some((word) => line.includes(word));
}

function without(line: string, some: readonly Phrase[]): string {
  return some.reduce((left, phrase) => (mayMatch(left, phrase) ? left.replace(phrase.pattern, "") : left), line);
}

/** Returns the number of letters and digits, in UTF-16 units. */
function letters(line: string): number {
  let count = 0;
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code >= 0x4e00 && code < 0xa000) count += 1;
    else if (code >= 0xd800 && code < 0xe000) return line.replace(/[^\p{L}\p{N}]/gu, "").length;
    else if (/[\p{L}\p{N}]/u.test(line[at]!)) count += 1;
  }
  return count;
}
