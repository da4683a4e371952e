import { addresses } from "./addresses.ts";

/** Words in names of files that describe the text, not the book. */
const word =
  "全集|全本|全文|全书|完本|完结版?|完整版?|未删[节減减]版?|未删节?版?|无删[节减減]?版?|校对版?(?:全本)?|精校版?(?:全本)?|精排版?|实体书?版?|出书版|出版版?|修订版|典藏版|珍藏版|最新版?|连载中?|更新至.{0,10}|文字版|电子版|TXT(?:全集|全本)?(?:下载)?|EPUB|UTF-?(?:8|16)|Unicode|ANSI|GB(?:K|2312|18030)|big5|简体|繁体|VIP|番外[完全]?|加番外|含番外|第?\\d{1,5}\\s*[-~—至]\\s*\\d{1,5}\\s*[章回节]?(?:完|全)?|全?[一二三四五六七八九十两\\d]{1,3}[册卷]|全[一二三四五六七八九十两\\d]{1,3}[部季集]|上中?下[册卷部]?";
const site =
  "z-?lib(?:rary)?|[^（）()【】[\\]@_\\s]{0,8}手打(?:版|组|吧|团)?|[^（）()【】[\\]@_\\s]{1,10}(?:网|论坛|书吧|书库|小说站|文学站|图书馆)";
const bracketed = new RegExp(
  `[（(【[]\\s*(?:[全完]|(?:19|20)\\d{2}(?:年版?)?|(?:(?:${word})[\\s+＋、,，·.]*){1,4}[^（）()【】[\\]]{0,6}|(?:${site})\\s*)[）)】\\]]`,
  "giu",
);
const only = new RegExp(`^[\\s+＋、,，·._—-]*(?:(?:${word})[\\s+＋、,，·._—-]*){1,4}`, "iu");
const atEnd = new RegExp(`[\\s+＋、,，·._—-]+(?:(?:${word})[\\s+＋、,，·._—-]*){1,4}$`, "iu");
const inBrackets = new RegExp(`[（(【[]\\s*${addresses.any}\\s*[）)】\\]]`, "gu");
const address = new RegExp(addresses.inNames, "gu");
const atSite = /[@＠][^@＠]{1,20}$/u;

/** Kinds of books, which stand in brackets before a title: [奇幻]灯下录. */
const genre =
  /^(?:[\p{Script=Han}]{0,2}(?:奇幻|玄幻|武侠|仙侠|修真|言情|都市|科幻|历史|架空|悬疑|推理|侦探|恐怖|灵异|耽美|百合|同人|穿越|重生|快穿|网游|竞技|军事|末世|无限流|校园|青春|古言|现言|种田|宫斗|轻小说|小说|名著|古典|文学|散文|诗集|童话|翻译|原创|合集)|BL|GL|BG|NP|HE|BE|VIP|R18|轻小说|完结|完本|全本|连载)(?:小说|文)?$/iu;

/** Returns whether the text in brackets is a kind of books, or a word on the edition. */
export function isGenre(tag: string): boolean {
  return genre.test(tag.trim());
}

/** Returns whether a name consists of such words only. */
export function isEdition(name: string): boolean {
  return withoutEditionBegin(name) === "";
}

/** A name without brackets of such words (（校对版全本）, [完结]) and without sites and their addresses. */
export function withoutEditionBrackets(name: string): string {
  return name
    .replace(inBrackets, "")
    .replace(bracketed, "")
    .replace(address, "")
    .replace(bracketed, "")
    .replace(/[（(【[]\s*[）)】\]]/gu, "")
    .replace(atSite, "")
    .replace(/^[\s_@—-]+|[\s_@—-]+$/gu, "")
    .trim();
}

/** A name without such words at its end: 灯下录 全集. */
export function withoutEditionEnd(name: string): string {
  return name.replace(atEnd, "").trim();
}

/** Removes such words from the beginning of the part of a name behind its title: 全集, 1-129 作者：某甲. */
export function withoutEditionBegin(rest: string): string {
  return rest.replace(only, "").trim();
}
