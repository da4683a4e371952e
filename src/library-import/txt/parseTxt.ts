import { maxChapters, maxLengths } from "../limits.ts";
import { type ParsedBook, type ParsedChapter, UnusableBookFile } from "../parsedBook.ts";
import { plainLine, plainText } from "../plainText.ts";
import { isBanner, isRule } from "./banners.ts";
import { squeezed, withoutTitleList } from "./contents.ts";
import { cutAtParagraphs } from "./cutAtParagraphs.ts";
import { parseFileName, parseFrontMatter } from "./frontMatter.ts";
import type { Heading } from "./heading.ts";
import { findHeadings } from "./headings.ts";
import { type TextLines, textLines } from "./lines.ts";

/** The longest line of a text, in UTF-16 units. */
const longestLine = 1_000_000;
/** What stands between a volume's heading and its first chapter is a chapter of its own from this length on. */
const longVolumeIntro = 200;

type Part = Pick<ParsedChapter, "title" | "volume" | "kind" | "text">;

/**
 * Cuts a TXT novel into chapters by the rule that explains its headings best, or at paragraph ends if it has none. Text before
 * the first heading that is neither title nor field nor a download site's is a preface. Line ends become LF; mark-up, tables
 * of contents, advertisements and blank lines around a chapter's text go. `fileName`, without extension, gives the title
 * if the text does not. Throws UnusableBookFile.
 */
export function parseTxt(source: string, fileName: string): ParsedBook {
  const lines = textLines(plainText(source));
  const long = lines.raw.findIndex((line) => line.length > longestLine);
  if (long >= 0) throw new UnusableBookFile(`line ${long + 1} is longer than ${longestLine} characters`);
  const { headings, contents } = findHeadings(lines);
  const listed = (line: number) => contents.some(({ from, to }) => line >= from && line <= to);
  const textOf = (from: number, to: number) => filled(keptLines(lines, from, to, listed));

  const titles = new Set(
    headings.flatMap(({ title, rest }) => [squeezed(title), ...(rest === "" ? [] : [squeezed(rest)])]),
  );
  const opening = keptLines(lines, 0, headings[0]?.line ?? lines.raw.length, listed);
  const { preface, ...front } = parseFrontMatter(withoutTitleList(opening, titles));
  const named = parseFileName(fileName);
  const parts =
    headings.length === 0
      ? cutAtParagraphs(preface)
      : [...prefaceOf(preface), ...partsOf(headings, lines.raw.length, textOf)];
  if (parts.length === 0) throw new UnusableBookFile("has no text");
  if (parts.length > maxChapters) throw new UnusableBookFile(`has more than ${maxChapters} chapters`);
  return {
    title: plainLine(front.title || named.title, maxLengths.title),
    author: front.author || named.author,
    intro: front.intro,
    channel: front.channel,
    category: front.category,
    status: front.status,
    chapters: parts.map(({ title, volume, ...part }, index) => ({
      no: index + 1,
      title: plainLineKeepingSpaces(title),
      volume: volume && plainLineKeepingSpaces(volume),
      ...part,
    })),
  };
}

/** A heading keeps the spaces between its halves, of whatever width. */
function plainLineKeepingSpaces(title: string): string {
  return title.length <= maxLengths.heading ? title : plainLine(title, maxLengths.heading);
}

function partsOf(
  headings: readonly Heading[],
  end: number,
  textOf: (from: number, to: number) => string,
): readonly Part[] {
  const parts: Part[] = [];
  const lastChapter = headings.findLastIndex(({ kind, role }) => role === "chapter" && kind === "chapter");
  let open: readonly Heading[] = [];
  let volume: string | null = null;
  let pending = "";
  headings.forEach((heading, index) => {
    const text = textOf(heading.end + 1, headings[index + 1]?.line ?? end);
    if (heading.role === "volume") {
      if (heading.title !== "") open = [...open.filter(({ level }) => level < heading.level), heading];
      volume = open.map(({ title }) => title).join(" ") || volume;
      const alone = headings[index + 1]?.role !== "chapter";
      if (text.length >= longVolumeIntro || (alone && text !== "")) {
        parts.push({ title: heading.title, volume, kind: alone ? "chapter" : "preface", text });
      } else if (text !== "") pending = `${text}\n\n`;
      return;
    }
    volume = heading.volume ?? volume;
    // What comes after the last chapter closes the book, not its last volume.
    const closing = heading.kind === "afterword" && index > lastChapter;
    parts.push({ title: heading.title, volume: closing ? null : volume, kind: heading.kind, text: pending + text });
    pending = "";
  });
  return parts;
}

function prefaceOf(lines: readonly string[]): readonly Part[] {
  const text = filled(lines);
  return text === "" ? [] : [{ title: "前言", volume: null, kind: "preface", text }];
}

function keptLines(lines: TextLines, from: number, to: number, listed: (line: number) => boolean): readonly string[] {
  const kept: string[] = [];
  for (let line = from; line < to; line += 1) {
    if (!isBanner(lines.trimmed[line]!) && !listed(line)) kept.push(lines.raw[line]!);
  }
  return kept;
}

/** The lines without the blank ones, and rows of signs, at both ends. */
function filled(lines: readonly string[]): string {
  const isText = (line: string) => line.trim() !== "" && !isRule(line.trim());
  return lines.slice(Math.max(0, lines.findIndex(isText)), lines.findLastIndex(isText) + 1).join("\n");
}
