import type { ParsedChapter } from "../parsedBook.ts";
import { withoutBlankEnds } from "../textEnds.ts";

/** A text without headings is cut at the first paragraph end after so many UTF-16 units: some ten minutes of reading. */
const cutAfter = 4_000;
/** If no line seems to be the end of a paragraph, the text is cut at the end of a line after this length. */
const cutAtLeastAfter = 6_000;
/** A shorter text stays whole. */
const shortText = 8_000;

/** A line of hard-wrapped text may end in the midst of a sentence. */
const sentenceEnd = /[。！？…”」』）.!?"'—~～]$/u;
const indented = /^(?:\s|$)/u;

type Part = Pick<ParsedChapter, "title" | "volume" | "kind" | "text">;

/** Cuts a text without headings at paragraph ends, into 正文 if it is short, otherwise into 第1节, 第2节, … */
export function cutAtParagraphs(lines: readonly string[]): readonly Part[] {
  const pieces = piecesOf(lines);
  return pieces.map((text, index) => ({
    title: pieces.length === 1 ? "正文" : `第${index + 1}节`,
    volume: null,
    kind: "chapter",
    text,
  }));
}

/** The text of lines in pieces of some 4,000 characters that end where paragraphs do. Nothing is lost but blank lines. */
export function piecesOf(lines: readonly string[]): readonly string[] {
  const pieces: string[][] = [[]];
  let length = 0;
  let left = lines.reduce((sum, line) => sum + line.length, 0);
  const whole = left <= shortText;
  lines.forEach((line, index) => {
    if (!whole && length >= cutAfter && left >= cutAfter / 2 && isEnd(lines, index, length)) {
      pieces.push([]);
      length = 0;
    }
    pieces.at(-1)!.push(line);
    length += line.length;
    left -= line.length;
  });
  return pieces.map((piece) => withoutBlankEnds(piece).join("\n")).filter((text) => text !== "");
}

/** Returns whether a paragraph ends above the line. */
function isEnd(lines: readonly string[], line: number, length: number): boolean {
  return length >= cutAtLeastAfter || indented.test(lines[line]!) || sentenceEnd.test(lines[line - 1]!.trimEnd());
}
