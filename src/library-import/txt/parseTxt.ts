import { type ParsedBook, type ParsedChapter, UnusableBookFile } from "../parsedBook.ts";
import { plainText } from "../plainText.ts";
import { parseFileName, parseFrontMatter } from "./frontMatter.ts";
import { findHeadings } from "./headings.ts";

/** Names that a preface may carry in its first line; without one it is called 前言. */
const prefaceName = /^(?:前言|序|序言|自序|楔子|引子|序章)$/u;

/**
 * Cuts a TXT novel with plain headings (第…回 or 第…章) into chapters. A byte-order mark is dropped, line ends become LF,
 * blank lines around a chapter's text go. Text before the first heading that is neither title nor field is a preface.
 * `fileName`, without extension, gives the title if the text does not. Throws UnusableBookFile.
 */
export function parseTxt(source: string, fileName: string): ParsedBook {
  const lines = plainText(source).split("\n");

  const headings = findHeadings(lines);
  if (headings[0] === undefined) {
    throw new UnusableBookFile(
      "no chapter headings found: a line such as 第一章 风起 or 第一回 must begin each chapter",
    );
  }
  const { preface, ...front } = parseFrontMatter(lines.slice(0, headings[0].line));
  const named = parseFileName(fileName);
  return {
    title: front.title ?? named.title,
    author: front.author ?? named.author,
    intro: front.intro,
    channel: front.channel,
    category: front.category,
    status: front.status,
    chapters: [
      ...prefaceOf(preface),
      ...headings.map(({ line, title }, index) => ({
        title,
        kind: "chapter" as const,
        text: textOf(lines.slice(line + 1, headings[index + 1]?.line)),
      })),
    ].map((chapter, index) => ({ no: index + 1, volume: null, ...chapter })),
  };
}

function prefaceOf(lines: readonly string[]): readonly Pick<ParsedChapter, "title" | "kind" | "text">[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first < 0) return [];
  const name = lines[first]!.trim();
  return prefaceName.test(name)
    ? [{ title: name, kind: "preface", text: textOf(lines.slice(first + 1)) }]
    : [{ title: "前言", kind: "preface", text: textOf(lines) }];
}

function textOf(lines: readonly string[]): string {
  const filled = (line: string) => line.trim() !== "";
  return lines.slice(lines.findIndex(filled), lines.findLastIndex(filled) + 1).join("\n");
}
