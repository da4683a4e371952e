import { maxLengths } from "../limits.ts";
import type { ParsedBook } from "../parsedBook.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { channelOf, statusOf } from "../statusWords.ts";
import { withoutEditionBrackets } from "./editionWords.ts";
import { folded } from "./folded.ts";

/** The fields of a book that the lines at the head of a file state. */
export type BookFields = Partial<Pick<ParsedBook, "author" | "intro" | "channel" | "category" | "status">> & {
  readonly title?: string | undefined;
  /** The certainty of the title: named as such (书名：…, 《…》), or only a line that stands alone. */
  readonly titleIs?: "named" | "guessed" | undefined;
};

const fieldLine =
  /^[【[]?(?<field>书\s*名|(?:小说|作品|文章)名称?|文名|title|作\s*者(?:名称?)?|(?:小说|作品|原)作者|[著着]者|原[著着]|笔名|author|简\s*介|内容简介|作品简介|小说简介|内容介绍|内容提要|文案|分\s*类|类\s*别|(?:小说|作品)?类\s*型|频\s*道|状\s*态|进\s*度)[】\]]?\s*(?:[：:]\s*(?<value>.*)|)$/iu;
/** 【作者】某甲 needs no colon. */
const inBrackets =
  /^(?<open>[【[])(?<field>书名|小说名|作者|简介|内容简介|文案|分类|类别|类型|频道|状态|进度)[】\]]\s*(?=[^\s：:])/u;
/** Several fields on one line: 书名：《书》 作者：某甲 字数：12万. */
const nextField =
  /[\s/／,，;；|]+(?=(?:书\s*名|文\s*名|小说名|作\s*者|(?:内容|作品|小说)?简\s*介|内容介绍|文\s*案|字\s*数|分\s*类|类\s*型|状\s*态|进\s*度|来\s*源|标\s*签)\s*[：:]|[【[](?:书名|文名|小说名|作者|(?:内容|作品|小说)?简介|内容介绍|文案|字数|分类|类型|状态|进度|来源|标签)[】\]])/u;
/** Fields that say nothing we keep. */
const otherField =
  /^[【[]?(?:总?字\s*数|(?:内容)?标\s*签|(?:搜索)?关键[字词]|来\s*源|出版社?|出版时间|ISBN|(?:更新|上传|发布)(?:时间|日期)?|最新章节|最后更新|主角|授权|首发|校对|录入|扫描|排版|OCR|制作|整理|发布|出处|转自|网址|(?:官方)?论坛|E-?mail|邮箱|(?:读者)?QQ群?号?|微信(?:公众号)?|微博|译\s*者|丛书|language|release date|credits|produced by|(?:character set )?encoding)[】\]]?\s*[：:]|^版权所有|^produced by\b/iu;
const titleName = /名称?$|title/iu;
const authorName = /作者|[著着]者?$|笔名|author/iu;
/** 书名 雪夜书: of these two a space will do. */
const withoutColon = /^(?<field>书\s?名|作\s?者)[\s\u3000]+(?=[^\s：:，。！？]{1,40}$)/u;
const introName = /简介|介绍|提要|文案/u;

/** A field and its value, the value perhaps on the lines below; undefined if the line is no field. */
export function fieldOf(line: string): { readonly field: string; readonly value: string } | undefined {
  if (line.length > maxLengths.intro) return undefined;
  const colon = line.replace(/^([【[])([^】\]]{1,4})([】\]])\s*(?=[^\s：:])/u, (whole, _open, name: string) =>
    inBrackets.test(folded(`${whole}x`)) ? `${name}：` : whole,
  );
  return fieldWithColon(withoutColon.test(folded(colon)) ? colon.replace(/(?<=[名者])\s+/u, "：") : colon);
}

function fieldWithColon(colon: string): ReturnType<typeof fieldOf> {
  const groups = fieldLine.exec(folded(colon))?.groups;
  if (!groups) return undefined;
  const value = groups.value === undefined ? "" : colon.slice(colon.search(/[：:]/u) + 1);
  return {
    field: groups.field!.replace(/\s/gu, ""),
    value: value
      .trim()
      .replace(/[】\]]$/u, "")
      .trim(),
  };
}

/** A field's name with its brackets is no longer, in UTF-16 units. */
const longestName = 24;

/** The fields of a line, each as a line of its own. */
export function fieldsOn(line: string): readonly string[] {
  return line.split(nextField);
}

/** Returns whether the line is a field that is not kept. */
export function isOtherField(line: string): boolean {
  return otherField.test(folded(line.slice(0, longestName)));
}

/** Returns whether the line is the name of an introduction that stands below it. */
export function isIntroName(line: string): boolean {
  const found = fieldOf(line);
  return found !== undefined && introName.test(found.field) && found.value === "";
}

/** Parses the value of a field; undefined if the value is unknown. */
export function readField(field: string, value: string): BookFields | undefined {
  if (value === "") return undefined;
  if (titleName.test(field) && !authorName.test(field))
    return { title: titleOf(value.replace(/^《(.+)》$/u, "$1")), titleIs: "named" };
  if (authorName.test(field)) return { author: authorOf(value) ?? plainLine(value, maxLengths.author) };
  if (introName.test(field)) return { intro: plainParagraphs(value, maxLengths.intro) };
  if (/分类|类别|类型/u.test(field)) return { category: plainLine(value, maxLengths.category) };
  if (field === "频道") {
    const channel = channelOf(value);
    return channel && { channel };
  }
  const status = statusOf(value);
  return status && { status };
}

/** A title without words on the edition in brackets; letters set apart are put together. */
export function titleOf(written: string): string {
  const plain = withoutEditionBrackets(written.trim());
  return plainLine(coalesce(plain === "" ? written : plain), maxLengths.title);
}

/** 灯 下 录 is 灯下录. */
function coalesce(name: string): string {
  return /^\p{Script=Han}(?:\s+\p{Script=Han})+$/u.test(name.trim()) ? name.replace(/\s/gu, "") : name;
}

/** Where or when an author lived: [明] 施耐庵, （美）海明威. */
const origin = /^[[（(〔【［]\p{Script=Han}{1,4}[\]）)〕】］]\s*(?=\S)/u;

/** An author's name without 著 or 撰 behind it; undefined if nothing is left. */
export function authorOf(written: string | undefined): string | undefined {
  const name = (written ?? "")
    .trim()
    .replace(/(?:著|撰|编著|作品)$/u, "")
    .trim()
    .replace(origin, "");
  return plainLine(coalesce(name), maxLengths.author) || undefined;
}
