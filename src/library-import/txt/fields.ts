import { maxLengths } from "../limits.ts";
import type { ParsedBook } from "../parsedBook.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { channelOf, statusOf } from "../statusWords.ts";

/** What the lines at the head of a file say of its book. */
export type Said = Partial<Pick<ParsedBook, "author" | "intro" | "channel" | "category" | "status">> & {
  readonly title?: string | undefined;
  /** How sure the title is: named as such (书名：…, 《…》), or only a line by itself. */
  readonly titleIs?: "named" | "guessed" | undefined;
};

const fieldLine =
  /^[【[]?(?<field>书\s*名|小说名|作\s*者|简\s*介|内容简介|作品简介|小说简介|内容介绍|内容提要|文案|分\s*类|类\s*别|类\s*型|频\s*道|状\s*态|进\s*度)[】\]]?\s*(?:[：:]\s*(?<value>.*)|)$/u;
/** Fields that say nothing we keep. */
const otherField =
  /^[【[]?(?:字\s*数|(?:内容)?标\s*签|(?:搜索)?关键[字词]|来\s*源|出版社?|出版时间|ISBN|更新时间?|最新章节|最后更新|主角|授权|首发|校对|录入|制作|整理|译\s*者|丛书)[】\]]?\s*[：:]/iu;
const introName = /简介|介绍|提要|文案/u;

/** A field and its value, the value perhaps on the lines below; undefined if the line is no field. */
export function fieldOf(line: string): { readonly field: string; readonly value: string } | undefined {
  const groups = line.length > maxLengths.intro ? undefined : fieldLine.exec(line)?.groups;
  if (!groups) return undefined;
  return { field: groups.field!.replace(/\s/gu, ""), value: (groups.value ?? "").replace(/[】\]]$/u, "").trim() };
}

/** Whether the line is a field that says nothing we keep. */
export function isOtherField(line: string): boolean {
  return otherField.test(line);
}

/** Whether the line is the name of an introduction that stands below it. */
export function isIntroName(line: string): boolean {
  const found = fieldOf(line);
  return found !== undefined && introName.test(found.field) && found.value === "";
}

/** What a field says; undefined if its value is none of those we know. */
export function readField(field: string, value: string): Said | undefined {
  if (value === "") return undefined;
  if (/书名|小说名/u.test(field)) {
    return { title: plainLine(value.replace(/^《(.+)》$/u, "$1"), maxLengths.title), titleIs: "named" };
  }
  if (field === "作者") return { author: authorOf(value) ?? plainLine(value, maxLengths.author) };
  if (introName.test(field)) return { intro: plainParagraphs(value, maxLengths.intro) };
  if (/分类|类别|类型/u.test(field)) return { category: plainLine(value, maxLengths.category) };
  if (field === "频道") {
    const channel = channelOf(value);
    return channel && { channel };
  }
  const status = statusOf(value);
  return status && { status };
}

/** An author's name without 著 or 撰 behind it; undefined if nothing is left. */
export function authorOf(written: string | undefined): string | undefined {
  const name =
    written
      ?.trim()
      .replace(/(?:著|撰|编著|作品)$/u, "")
      .trim() ?? "";
  return plainLine(name, maxLengths.author) || undefined;
}
