import type { ParsedBook } from "../parsedBook.ts";

/** What stands before the first heading: what it says of the book, and the lines that are left, a preface or nothing. */
type FrontMatter = Partial<Omit<ParsedBook, "chapters">> & { readonly preface: readonly string[] };

const titleLine = /^《(?<title>[^《》]+)》(?:\s*作者[：:]\s*(?<author>.+))?$/u;
const fieldLine = /^(?<field>书名|作者|简介|分类|频道|状态)\s*[：:]\s*(?<value>.+)$/u;

const channels: ReadonlyMap<string, NonNullable<ParsedBook["channel"]>> = new Map([
  ["男频", "male"],
  ["女频", "female"],
  ["出版", "published"],
]);
const statuses: ReadonlyMap<string, NonNullable<ParsedBook["status"]>> = new Map([
  ["连载", "serialising"],
  ["完结", "finished"],
]);

/** A first line is the title if it is no longer, in UTF-16 units, and reads like no sentence and no name of a preface. */
const longestTitle = 40;
const noTitle = /[。！？，；：]|^(?:前言|序|序言|自序|楔子|引子|序章)$/u;

/**
 * Reads title and fields (作者：… 简介：… 分类：… 频道：男频, 女频 or 出版; 状态：连载 or 完结) from the lines before the first
 * heading, down to the first line that is neither. A field whose value is none of the known ones is part of the preface.
 */
export function parseFrontMatter(lines: readonly string[]): FrontMatter {
  let front: Omit<FrontMatter, "preface"> = {};
  let read = 0;
  for (const line of lines.map((line) => line.trim())) {
    const said = line === "" ? {} : readLine(line, front.title === undefined);
    if (said === undefined) break;
    front = { ...front, ...said };
    read += 1;
  }
  return { ...front, preface: lines.slice(read) };
}

/** Title and author from the name of a file without its extension: 《红楼梦》作者：曹雪芹, or a title alone. */
export function parseFileName(name: string): { readonly title: string; readonly author: string | undefined } {
  const groups = titleLine.exec(name)?.groups;
  return { title: groups?.title ?? name, author: groups?.author };
}

function readLine(line: string, untitled: boolean): Omit<FrontMatter, "preface"> | undefined {
  const { field = "", value = "" } = fieldLine.exec(line)?.groups ?? {};
  switch (field) {
    case "书名":
      return { title: value.replace(/^《(.+)》$/u, "$1") };
    case "作者":
      return { author: value };
    case "简介":
      return { intro: value };
    case "分类":
      return { category: value };
    case "频道": {
      const channel = channels.get(value);
      return channel && { channel };
    }
    case "状态": {
      const status = statuses.get(value);
      return status && { status };
    }
  }
  return untitled ? readTitle(line) : undefined;
}

function readTitle(line: string): Omit<FrontMatter, "preface"> | undefined {
  const groups = titleLine.exec(line)?.groups;
  if (groups?.title !== undefined) return { title: groups.title, ...(groups.author && { author: groups.author }) };
  return line.length <= longestTitle && !noTitle.test(line) ? { title: line } : undefined;
}
