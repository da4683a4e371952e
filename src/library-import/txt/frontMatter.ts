import { maxLengths } from "../limits.ts";
import type { ParsedBook } from "../parsedBook.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { channelOf, statusOf } from "../statusWords.ts";
import { isRule } from "./banners.ts";

/** What stands before the first heading: what it says of the book, and the lines that are left, a preface or nothing. */
type FrontMatter = Partial<Pick<ParsedBook, "title" | "author" | "intro" | "channel" | "category" | "status">> & {
  readonly preface: readonly string[];
};
type Said = Omit<FrontMatter, "preface">;

const titleLine =
  /^[《【](?<title>[^《》【】[\]]+)[》】\]](?<edition>[（(][^（）()]{1,12}[）)])?(?:\s*(?:作者|文)?[：:/／\s]*(?<author>\S.{0,29}))?$/u;
const fieldLine =
  /^[【[]?(?<field>书\s*名|小说名|作\s*者|简\s*介|内容简介|作品简介|小说简介|内容介绍|内容提要|文案|分\s*类|类\s*别|类\s*型|频\s*道|状\s*态|进\s*度)[】\]]?\s*(?:[：:]\s*(?<value>.*)|)$/u;
/** Fields that say nothing we keep. */
const otherField =
  /^[【[]?(?:字\s*数|(?:内容)?标\s*签|(?:搜索)?关键[字词]|来\s*源|出版社?|出版时间|ISBN|更新时间?|最新章节|最后更新|主角|授权|首发|校对|录入|制作|整理|译\s*者|丛书)[】\]]?\s*[：:]/iu;
const authorLine = /^(?<author>[^\s，。：:]{1,15}(?:\s[^\s，。：:]{1,15})?)\s*[/／◎]?\s*(?:著|撰|编著|作品)$/u;
const byLine = /^(?:文|by|作者)\s*[/／\s]\s*(?<author>\S.{0,29})$/iu;

/** A name below the title, by itself. */
const loneName = /^\p{Script=Han}{2,4}$|^(?=.{2,14}$)\p{L}+(?:[·.\s]\p{L}+)+$/u;

/** A first line is the title if it is no longer, in UTF-16 units, and reads like no sentence and no name of a preface. */
const longestTitle = 40;
const noTitle = /[。！？，；：]|^(?:前言|序|序言|自序|楔子|引子|序章)$/u;
/** An introduction below its name goes on to the first heading, if it is no longer than this, in UTF-16 units. */
const longestIntro = 2_000;

/**
 * Reads title and fields (作者：… 简介：… 分类：… 频道：男频, 女频 or 出版; 状态：连载 or 完结) from the lines before the first
 * heading, down to the first line that is neither. A field whose value is none of the known ones is part of the preface.
 * 简介 alone on its line is followed by the introduction, which may have several paragraphs.
 */
export function parseFrontMatter(lines: readonly string[]): FrontMatter {
  let front: Said = {};
  let read = 0;
  while (read < lines.length) {
    const line = lines[read]!.trim();
    if (isIntroName(line)) {
      const end = introEnd(lines, read + 1);
      front = { ...front, intro: plainParagraphs(lines.slice(read + 1, end).join("\n"), maxLengths.intro) };
      read = end;
      continue;
    }
    const next = lines[read + 1]?.trim() ?? "";
    if (front.title !== undefined && front.author === undefined && loneName.test(line) && next === "") {
      front = { ...front, author: line };
      read += 1;
      continue;
    }
    const said = line === "" || isRule(line) || otherField.test(line) ? {} : readLine(line, front);
    if (said === undefined) break;
    front = { ...front, ...said };
    read += 1;
  }
  return { ...front, preface: lines.slice(read) };
}

/** Title and author from the name of a file without its extension: 《红楼梦》作者：曹雪芹, 红楼梦 - 曹雪芹, or a title. */
export function parseFileName(name: string): { readonly title: string; readonly author: string | undefined } {
  const bare = name
    .replace(/[（(【[](?:全本|完本|完结|全集|校对版?|精校版?|TXT|txt|1-\d+|连载)[^（）()【】[\]]*[）)】\]]/gu, "")
    .trim();
  const groups =
    titleLine.exec(bare)?.groups ??
    /^(?<title>.+?)\s*(?:作者[：:]|[ _]by[ _]|\s-\s)\s*(?<author>\S{1,30})$/iu.exec(bare)?.groups;
  return {
    title: plainLine(groups?.title ?? (bare || name), maxLengths.title) || "无题",
    author: authorOf(groups?.author),
  };
}

function isIntroName(line: string): boolean {
  const { field, value = "" } = fieldLine.exec(line)?.groups ?? {};
  return field !== undefined && /简介|介绍|提要|文案/u.test(field.replace(/\s/gu, "")) && value.trim() === "";
}

/** The introduction ends at a row of signs or the next field; one too long to be all of it, at its first blank line. */
function introEnd(lines: readonly string[], from: number): number {
  let end = from;
  let length = 0;
  let firstBlank: number | undefined;
  for (; end < lines.length; end += 1) {
    const line = lines[end]!.trim();
    if (length > 0 && (isRule(line) || fieldLine.test(line) || otherField.test(line))) break;
    if (length > 0 && line === "") firstBlank ??= end;
    length += line.length;
  }
  return length > longestIntro ? (firstBlank ?? from) : end;
}

function readLine(line: string, known: Said): Said | undefined {
  const status = statusOf(line.replace(/^[【[（(]|[】\]）)]$/gu, ""));
  if (status !== undefined && line.length > 1) return { status };
  const groups = fieldLine.exec(line)?.groups;
  const value = groups?.value?.replace(/[】\]]$/u, "").trim();
  if (groups && value) return readField(groups.field!.replace(/\s/gu, ""), value);
  if (known.author === undefined) {
    const author = (authorLine.exec(line) ?? byLine.exec(line))?.groups?.author;
    if (author !== undefined && (known.title !== undefined || line.length < 15))
      return { author: plainLine(author, maxLengths.author) };
  }
  return known.title === undefined ? readTitle(line) : undefined;
}

function readField(field: string, value: string): Said | undefined {
  if (/书名|小说名/u.test(field)) return { title: plainLine(value.replace(/^《(.+)》$/u, "$1"), maxLengths.title) };
  if (field === "作者") return { author: authorOf(value) ?? plainLine(value, maxLengths.author) };
  if (/简介|介绍|提要|文案/u.test(field)) return { intro: plainParagraphs(value, maxLengths.intro) };
  if (/分类|类别|类型/u.test(field)) return { category: plainLine(value, maxLengths.category) };
  if (field === "频道") {
    const channel = channelOf(value);
    return channel && { channel };
  }
  const status = statusOf(value);
  return status && { status };
}

function readTitle(line: string): Said | undefined {
  const groups = titleLine.exec(line)?.groups;
  if (groups?.title !== undefined) {
    const author = authorOf(groups.author);
    return { title: plainLine(groups.title, maxLengths.title), ...(author !== undefined && { author }) };
  }
  return line.length <= longestTitle && !noTitle.test(line) ? { title: plainLine(line, maxLengths.title) } : undefined;
}

function authorOf(written: string | undefined): string | undefined {
  const author = plainLine(written?.replace(/\s*(?:著|撰|编著)$/u, "") ?? "", maxLengths.author);
  return author === "" ? undefined : author;
}
