import { maxLengths } from "../limits.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { statusOf } from "../statusWords.ts";
import { isDivider } from "./dividers.ts";
import { authorOf, type BookFields, fieldOf, fieldsOn, isIntroName, isOtherField, readField } from "./fields.ts";
import { longestTitle, readTitle } from "./titleOfLine.ts";

/** The text before the first heading: the fields of the book, and the lines that are left, a preface or nothing. */
export type FrontMatter = BookFields & {
  readonly preface: readonly string[];
  /** The line that was taken for the title, as it stands, if the title is only guessed. */
  readonly titleLine?: string | undefined;
  /** An author is named right below the title. */
  readonly authorFollows: boolean;
};

const authorLine = /^(?<author>[^\s，。：:《》]{1,15}(?:\s[^\s，。：:《》]{1,15})?)\s*[/／◎]?\s*(?:著|撰|编著|作品)$/u;
const byLine = /^(?:(?:文|by|作者)\s*[/／\s]\s*|by(?=\p{Script=Han}))(?<author>\S.{0,29})$/iu;

/** A name that stands alone below the title. */
const loneName = /^\p{Script=Han}{2,4}$|^(?=.{2,14}$)\p{L}+(?:[·.\s]\p{L}+)+$/u;

/** An introduction below its name continues to the first heading, if it is no longer than this, in UTF-16 units. */
const longestIntro = 2_000;
/** Boxes are drawn around titles. */
const boxes = /[\u2500-\u257F]/gu;

/**
 * Reads title and fields (作者：… 简介：… 分类：… 频道：男频, 女频 or 出版; 状态：连载 or 完结) from the lines before the first
 * heading, down to the first line that is neither. A field whose value is none of the known ones is part of the preface.
 * 简介 alone on its line is followed by the introduction, which may have several paragraphs.
 */
export function parseFrontMatter(lines: readonly string[]): FrontMatter {
  let front: BookFields = {};
  let guessed: string | undefined;
  let titleAt = -1;
  let authorFollows = false;
  let read = 0;
  while (read < lines.length) {
    const line = unboxed(lines[read]!);
    if (isIntroName(line)) {
      const end = introEnd(lines, read + 1);
      const below = lines
        .slice(read + 1, end)
        .join("\n")
        .trimEnd();
      // 『内容简介: opens a bracket that the introduction closes.
      const intro = lines[read]!.trim().startsWith("『") ? below.replace(/』$/u, "") : below;
      front = { ...front, intro: plainParagraphs(intro, maxLengths.intro) };
      read = end;
      continue;
    }
    const next = lines[read + 1]?.trim() ?? "";
    const mayBeName = front.title !== undefined && front.author === undefined && !byLine.test(line);
    const lone = mayBeName && loneName.test(line) && next === "";
    const passed = line === "" || isDivider(line) || isOtherField(line);
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
    if (length > 0 && (isDivider(line) || fieldOf(line) !== undefined || isOtherField(line))) break;
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

/** Reads a line that may hold several fields. */
function readLines(line: string, known: BookFields): BookFields | undefined {
  const [first = "", ...others] = fieldsOn(line);
  if (others.length === 0 || fieldOf(first) === undefined) return readLine(line, known);
  const said = others.filter((other) => !isOtherField(other)).map((other) => readLine(other, known) ?? {});
  return Object.assign({}, readLine(first, known), ...said);
}

function readLine(line: string, known: BookFields): BookFields | undefined {
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
