import { namedHeading } from "../headingNames.ts";
import { maxLengths } from "../limits.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { statusOf } from "../statusWords.ts";
import { isBanner, isRule } from "./banners.ts";
import { isEdition } from "./editionWords.ts";
import { authorOf, fieldOf, fieldsOn, isIntroName, isOtherField, readField, type Said, titleOf } from "./fields.ts";
import { headingForms } from "./forms/headingForms.ts";
import { hasSurname, isPerson } from "./persons.ts";

/** What stands before the first heading: what it says of the book, and the lines that are left, a preface or nothing. */
export type FrontMatter = Said & {
  readonly preface: readonly string[];
  /** The line that was taken for the title, as it stands, if the title is only guessed. */
  readonly titleLine?: string | undefined;
  /** An author is named right below the title. */
  readonly authorFollows: boolean;
};

const titleLine =
  /^[《【](?<title>[^《》【】[\]]+)[》】\]](?<edition>[（(][^（）()]{1,12}[）)])?(?:\s*(?:作者|文|by)?[：:/／\s]*(?<author>\S.{0,29}))?$/iu;
/** [书 / 某人 著 ] */
const titleAndAuthor =
  /^[[【［]\s*(?<title>[^[\]【】/／]{1,60}?)\s*[/／]\s*(?<author>[^[\]【】/／]{1,30}?)\s*[著撰编]?\s*[\]】］]$/u;
/** 灯下录（全本） 作者：林深 */
const titleThenAuthor = /^(?<title>[^，。！？：:]{1,40}?)[\s/／,，]*作\s*者\s*[：:]\s*(?<author>[^，。！？\s]{1,20})$/u;
/** 林深著《灯下录》 */
const authorThenTitle =
  /^(?<author>[^《》，。！？：:\s]{2,15})\s*(?:(?<mark>[著撰])\s*|[：:·\s]+|)《(?<title>[^《》]{1,40})》$/u;
/** 灯下录 / 林深, 灯下录 - 林深 */
const titleSlashAuthor =
  /^(?<title>[^，。！？：:/／]{1,40}?)(?:\s*[/／]\s*(?<person>\S{2,15})|\s+[-—_·]+\s+(?<surnamed>\p{Script=Han}{2,4}))$/u;
const authorLine = /^(?<author>[^\s，。：:《》]{1,15}(?:\s[^\s，。：:《》]{1,15})?)\s*[/／◎]?\s*(?:著|撰|编著|作品)$/u;
const byLine = /^(?:(?:文|by|作者)\s*[/／\s]\s*|by(?=\p{Script=Han}))(?<author>\S.{0,29})$/iu;

/** A name below the title, by itself. */
const loneName = /^\p{Script=Han}{2,4}$|^(?=.{2,14}$)\p{L}+(?:[·.\s]\p{L}+)+$/u;

/** A first line may be the title if it is no longer, in UTF-16 units, and reads like no sentence and no name of a preface. */
const longestTitle = 40;
const noTitle = /[。！？，；：“”「」『』]|(?:序|序言|前言|楔子|引子|序章|后记|目录)$/u;
/** An introduction below its name goes on to the first heading, if it is no longer than this, in UTF-16 units. */
const longestIntro = 2_000;
/** Boxes are drawn around titles. */
const boxes = /[\u2500-\u257F]/gu;

/**
 * Reads title and fields (作者：… 简介：… 分类：… 频道：男频, 女频 or 出版; 状态：连载 or 完结) from the lines before the first
 * heading, down to the first line that is neither. A field whose value is none of the known ones is part of the preface.
 * 简介 alone on its line is followed by the introduction, which may have several paragraphs.
 */
export function parseFrontMatter(lines: readonly string[]): FrontMatter {
  let front: Said = {};
  let guessed: string | undefined;
  let titleAt = -1;
  let authorFollows = false;
  let read = 0;
  while (read < lines.length) {
    const line = unboxed(lines[read]!);
    if (isIntroName(line)) {
      const end = introEnd(lines, read + 1);
      front = { ...front, intro: plainParagraphs(lines.slice(read + 1, end).join("\n"), maxLengths.intro) };
      read = end;
      continue;
    }
    const next = lines[read + 1]?.trim() ?? "";
    const mayBeName = front.title !== undefined && front.author === undefined && !byLine.test(line);
    const lone = mayBeName && loneName.test(line) && next === "";
    const passed = line === "" || isRule(line) || isOtherField(line);
    const said = passed ? {} : lone ? { author: authorOf(line) ?? line } : readLines(line, front);
    if (said === undefined) break;
    if (said.titleIs !== undefined) titleAt = read;
    if (said.titleIs === "guessed") guessed = lines[read];
    if (said.author !== undefined && titleAt >= 0 && read - titleAt <= 3) authorFollows = true;
    front = { ...front, ...said };
    read += 1;
  }
  const titleLine = front.titleIs === "guessed" ? guessed : undefined;
  return { ...front, titleLine, authorFollows, preface: lines.slice(read) };
}

/** The introduction ends at a row of signs or the next field; one too long to be all of it, at its first blank line. */
function introEnd(lines: readonly string[], from: number): number {
  let end = from;
  let length = 0;
  let firstBlank: number | undefined;
  for (; end < lines.length; end += 1) {
    const line = lines[end]!.trim();
    if (length > 0 && (isRule(line) || fieldOf(line) !== undefined || isOtherField(line))) break;
    if (length > 0 && line === "") firstBlank ??= end;
    length += line.length;
    if (length > longestIntro) break;
  }
  return length > longestIntro ? (firstBlank ?? from) : end;
}

/** A line without what is drawn around it: boxes, 『状态：完结』. */
function unboxed(written: string): string {
  const line = written.replace(boxes, "").trim();
  return /^『[^『』]*』?$/u.test(line) ? line.replace(/[『』]/gu, "").trim() : line;
}

/** What a line says that may hold several fields. */
function readLines(line: string, known: Said): Said | undefined {
  const [first = "", ...others] = fieldsOn(line);
  if (others.length === 0 || fieldOf(first) === undefined) return readLine(line, known);
  const said = others.filter((other) => !isOtherField(other)).map((other) => readLine(other, known) ?? {});
  return Object.assign({}, readLine(first, known), ...said);
}

function readLine(line: string, known: Said): Said | undefined {
  const status = statusOf(line.replace(/^[【[（(]|[】\]）)]$/gu, ""));
  if (status !== undefined && line.length > 1) return { status };
  const field = fieldOf(line);
  if (field && field.value !== "") return readField(field.field, field.value);
  if (line.length > 2 * longestTitle) return undefined;
  if (known.author === undefined) {
    const author = (authorLine.exec(line) ?? byLine.exec(line))?.groups?.author;
    if (author !== undefined && (known.title !== undefined || line.length < 15))
      return { author: authorOf(author) ?? plainLine(author, maxLengths.author) };
  }
  return known.title === undefined ? readTitle(line) : undefined;
}

/** Title and author on a line where only the name tells that it is one. */
function withPerson(line: string) {
  const before = authorThenTitle.exec(line);
  const { author, mark } = before?.groups ?? {};
  if (author !== undefined && (mark !== undefined || isPerson(author))) return before;
  const found = titleSlashAuthor.exec(line)?.groups;
  const name = found?.person !== undefined && isPerson(found.person) ? found.person : found?.surnamed;
  const isSure = name !== undefined && (name === found?.person || hasSurname(name));
  return isSure ? { groups: { title: found!.title!, author: name } as Record<string, string> } : undefined;
}

function readTitle(line: string): Said | undefined {
  const groups = (titleAndAuthor.exec(line) ?? titleLine.exec(line) ?? titleThenAuthor.exec(line) ?? withPerson(line))
    ?.groups;
  if (groups?.title !== undefined && namedHeading(groups.title) === undefined) {
    const bracketed = groups.edition?.slice(1, -1) ?? "";
    const author = authorOf(groups.author ?? (hasSurname(bracketed) && !isEdition(bracketed) ? bracketed : undefined));
    const title = titleOf(groups.title);
    return { title, titleIs: "named", ...(author !== undefined && { author }) };
  }
  if (line.length > longestTitle || noTitle.test(line) || !/\p{L}/u.test(line)) return undefined;
  if (isBanner(line) || headingForms(line).some(({ loose }) => !loose)) return undefined;
  return { title: titleOf(line), titleIs: "guessed" };
}
