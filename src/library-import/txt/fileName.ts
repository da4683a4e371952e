import { maxLengths } from "../limits.ts";
import { plainLine } from "../plainText.ts";
import { isGenre, withoutEditionBegin, withoutEditionBrackets, withoutEditionEnd } from "./editionWords.ts";
import { authorOf } from "./fields.ts";
import { hasSurname, isPerson } from "./persons.ts";

/** The parts of a file's name. `evidence` is the certainty of its title: named by marks, plain Chinese, or anything else. */
export type NamedByFile = {
  readonly title: string;
  readonly author: string | undefined;
  readonly evidence: "named" | "chinese" | "nothing";
};

type Named = { readonly title: string; readonly author: string | undefined };

/** 《书》 with what stands before and behind; 【书】 only at the beginning. */
const marked =
  /^(?<before>[^《》]{0,30})《(?<title>[^《》]{1,80})》(?<rest>.*)$|^[【『](?<title2>[^【】『』]{1,80})[】』](?<rest2>.*)$/u;
const tagged = /^[[（(【［](?<tag>[^[\]（）()【】［］]{1,20})[\]）)】］]\s*(?<rest>\S.*)$/u;
const slashed = /^[[【［]\s*(?<title>[^/]{1,60}?)\s*\/\s*(?<author>[^/]{1,30}?)\s*[\]】］]$/u;
const byAuthor =
  /^(?<title>.{1,80}?)[\s,，、_—-]*(?:作\s*者\s*[：:_—-]?|[ _]by[ _]|(?<=\p{Script=Han})by(?=\p{Script=Han}))\s*(?<author>\S.{0,29})$/iu;
const written = /^(?<title>.{1,80}?)[\s_·—-]+(?<author>\S{1,12}(?:\s\S{1,12})?)\s*[著撰]$/u;
const authorNamed = /^[\s,，_—-]*(?:作\s*者|文|by)\s*[：:_/\s—-]?\s*(?<author>\S.{0,29})$/iu;
const inBrackets = /^(?<title>.{1,80}?)\s*[（(【[](?<author>[^（）()【】[\]]{2,20})[）)】\]]$/u;
/** Numbers that a site or a folder puts before a name; 1984 is a title. */
const counter = /^(?:0\d*|\d{5,})[\s_.、—-]+(?=\S)/u;
/** Suffixes that a system gives to the name of a copy. */
const copied = /(?:\s*[-_—]\s*(?:副本|备份|copy)|\s+\(\d{1,2}\)|\.(?:txt|epub|zip))+$/iu;
/** A part of a work of several. */
const part =
  /^\s*(?<part>[（(【[]?(?:第[一二三四五六七八九十\d]{1,3}[部卷册季集辑]|[上中下][部卷册篇集]?|[卷部][一二三四五六七八九十\d]{1,3}|[一二三四五六七八九十]|\d{1,2})[）)】\]]?)(?![-~—至]\d)(?=$|[\s_—-]|作者|by)/iu;

/**
 * Title and author from the name of a file without its extension: 《红楼梦》作者：曹雪芹, 红楼梦 - 曹雪芹, 红楼梦_曹雪芹_某站,
 * [曹雪芹]红楼梦, 《红楼梦》(曹雪芹), or a title. Words on the edition (全集, 校对版, 1-129), genres, sites and counters are left out.
 */
export function parseFileName(name: string): NamedByFile {
  const bare = withoutEditionBrackets(name.replace(copied, "").replace(/[∕⁄／]/gu, "/")).replace(counter, "");
  const found = byDoubleDashes(bare) ?? byMarks(bare) ?? byParts(bare);
  if (found !== undefined) return { title: titled(found.title, name), author: found.author, evidence: "named" };
  const title = titled(withoutEdition(bare), name);
  return { title, author: undefined, evidence: /\p{Script=Han}/u.test(title) ? "chinese" : "nothing" };
}

function byMarks(bare: string): Named | undefined {
  const both = slashed.exec(bare)?.groups;
  if (both) return { title: both.title!, author: authorOf(both.author) };
  const tag = tagged.exec(bare)?.groups;
  if (tag && (isGenre(tag.tag!) || isGroup(tag.tag!)))
    return byMarks(tag.rest!) ?? byParts(tag.rest!) ?? { title: tag.rest!, author: undefined };
  if (tag && hasSurname(tag.tag!) && /^\p{Script=Han}+$/u.test(tag.rest!) && !hasSurname(tag.rest!))
    return { title: withoutEdition(tag.rest!), author: authorOf(tag.tag) };
  const groups = marked.exec(bare)?.groups;
  if (groups) {
    const rest = groups.rest ?? groups.rest2 ?? "";
    const volume = part.exec(rest)?.groups?.part ?? "";
    const before = (groups.before ?? "").replace(/^作\s*者\s*[：:]\s*|[\s_：:—-]+$|\s*[著撰]$/gu, "");
    const author =
      restAuthor(rest.slice(rest.indexOf(volume) + volume.length)) ?? (isPerson(before) ? before : undefined);
    return { title: `${groups.title ?? groups.title2}${volume}`, author };
  }
  if (tag && !bare.startsWith("【") && isPerson(tag.tag!))
    return { title: withoutEdition(tag.rest!), author: authorOf(tag.tag) };
  return undefined;
}

/** 书 -- 某 -- 2010 -- 某出版社 -- …: the names that some libraries give. */
function byDoubleDashes(bare: string): Named | undefined {
  const [title, author, ...others] = bare.split(/\s+--\s+/u);
  return title && author && others.length > 0 ? { title, author: authorOf(author) } : undefined;
}

function byParts(bare: string): Named | undefined {
  const by = (byAuthor.exec(bare) ?? written.exec(bare))?.groups;
  if (by) return { title: withoutEdition(by.title!), author: authorOf(withoutEditionEnd(by.author!)) };
  const brackets = inBrackets.exec(bare)?.groups;
  if (brackets && !isGenre(brackets.author!) && isAuthor(brackets.author!.replace(/\s*[著撰]$/u, "")))
    return { title: brackets.title!, author: authorOf(brackets.author) };
  const all = withoutEditionEnd(bare)
    .split(/_|\s*(?:-+|(?<!—)—(?!—))\s*/u)
    .map((some) => some.trim());
  const parts = all.length === 3 && /^\d+$/u.test(all[0]!) ? all.slice(1) : all;
  const [first = "", second = "", third = ""] = parts;
  // 三体3_死神永生_刘慈欣
  if (hasSurname(third) && !hasSurname(second) && !hasSurname(first))
    return { title: `${first} ${second}`, author: third };
  // 三体II - 黑暗森林: a volume of a series and its own title.
  if (parts.length === 2 && /\p{Script=Han}(?:\d{1,2}|[IVXⅠ-Ⅻ]{1,4})$/u.test(first) && !hasSurname(second))
    return undefined;
  const dotted = parts.length === 1 ? /^(?<title>.*\p{Script=Han})[.．](?<author>\p{Script=Han}+)$/u.exec(first) : null;
  if (dotted && hasSurname(dotted.groups!.author!))
    return { title: dotted.groups!.title!, author: dotted.groups!.author };
  if (parts.length < 2 || parts.length > 3 || first === "") return undefined;
  // T12-灯下录 is neither's name.
  if (!/\p{Script=Han}/u.test(first) && !/_|\s[-—]\s/u.test(bare)) return undefined;
  if (hasSurname(first) && !hasSurname(second) && /\p{Script=Han}/u.test(second) && !/_/u.test(bare))
    return { title: withoutEdition(second), author: authorOf(first) };
  return isAuthor(second) ? { title: withoutEdition(first), author: authorOf(second) } : undefined;
}

function restAuthor(rest: string): string | undefined {
  const behind = withoutEditionBegin(rest);
  const named = authorNamed.exec(behind)?.groups?.author;
  if (named !== undefined) return authorOf(withoutEditionEnd(named));
  const name = behind.replace(/^[\s_.．·—-]+/u, "").replace(/^[（(【[](.{1,30})[）)】\]]$/u, "$1");
  const first = name.split(/[_\s]/u)[0]!;
  return isAuthor(first) ? authorOf(first) : undefined;
}

/** Returns whether a tag names people who scan, translate or gather books: [某某汉化组]. */
function isGroup(tag: string): boolean {
  return /(?:组|社|论坛|网|站|吧|室|书屋|团队)$/u.test(tag.trim());
}

/** Returns whether a part of a name is an author's: no word on the edition either. */
function isAuthor(name: string): boolean {
  return isPerson(name) && withoutEditionBegin(name) === name;
}

/** 灯下录全集 is 灯下录, but 鲁迅全集 is a title. */
function withoutEdition(title: string): string {
  const plain = withoutEditionEnd(title);
  const glued = plain
    .replace(/(?:TXT)?(?:全集|全本|全文)?(?:TXT)?下载$|TXT$|全[集本文]$|完[本结]$|utf-?8$/iu, "")
    .trim();
  return glued === "" || hasSurname(glued) ? plain : glued;
}

function titled(title: string, name: string): string {
  return plainLine(withoutEditionEnd(title.trim()) || title || name, maxLengths.title) || "无题";
}
