/** What the names of files say of the text, not of the book. */
const word =
  "全集|全本|全文|全书|完本|完结|完结版|完整版|完整|未删节?版?|无删减?版?|校对版?(?:全本)?|精校版?(?:全本)?|校对|精校|精排|实体书?版?|出版书?版|修订版|典藏版|珍藏版|最新版?|连载中?|更新至.{0,10}|文字版|电子版|TXT|EPUB|UTF-?8|GBK|简体|繁体|番外|加番外|第?\\d{1,5}\\s*[-~—至]\\s*\\d{1,5}\\s*[章回节]?(?:完|全)?|全?\\d{1,3}[册卷]";
const bracketed = new RegExp(`[（(【[]\\s*(?:(?:${word})[\\s+＋、,，·.]*){1,4}[^（）()【】[\\]]{0,6}[）)】\\]]`, "giu");
const only = new RegExp(`^[\\s+＋、,，·._—-]*(?:(?:${word})[\\s+＋、,，·._—-]*){1,4}`, "iu");
const atEnd = new RegExp(`[\\s+＋、,，·._—-]+(?:(?:${word})[\\s+＋、,，·._—-]*){1,4}$`, "iu");
const sites = /[\s_@—-]*[（(【[]?(?:https?:\/\/|www\.)?[\w-]{1,40}\.(?:com|net|org|cc|cn|la|info|me)[）)】\]]?/giu;

/** A name without brackets of such words (（校对版全本）, [完结]) and without addresses of sites. */
export function withoutEditionBrackets(name: string): string {
  return name.replace(sites, "").replace(bracketed, "").trim();
}

/** A name without such words at its end: 灯下录 全集. */
export function withoutEditionEnd(name: string): string {
  return name.replace(atEnd, "").trim();
}

/** What is left of a name's rest behind its title, without such words at its beginning: 全集, 1-129 作者：某甲. */
export function withoutEditionBegin(rest: string): string {
  return rest.replace(only, "").trim();
}
