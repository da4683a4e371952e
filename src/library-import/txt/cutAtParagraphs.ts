import type { ParsedChapter } from "../parsedBook.ts";

/** A text without headings is cut at the first paragraph end after so many UTF-16 units: some ten minutes of reading. */
const cutAfter = 4_000;
/** A shorter text stays whole. */
const shortText = 8_000;

/** Cuts a text without headings at paragraph ends, into 正文 if it is short, otherwise into 第1节, 第2节, … */
export function cutAtParagraphs(
  lines: readonly string[],
): readonly Pick<ParsedChapter, "title" | "volume" | "kind" | "text">[] {
  const pieces: string[][] = [[]];
  let length = 0;
  let left = lines.reduce((sum, line) => sum + line.length, 0);
  const whole = left <= shortText;
  for (const line of lines) {
    if (!whole && length >= cutAfter && left >= cutAfter / 2) {
      pieces.push([]);
      length = 0;
    }
    pieces.at(-1)!.push(line);
    length += line.length;
    left -= line.length;
  }
  return pieces
    .map((piece) => piece.join("\n").replace(/^(?:[^\S\n]*\n)+|(?:\n[^\S\n]*)+$/gu, ""))
    .filter((text) => text.trim() !== "")
    .map((text, index, all) => ({
      title: all.length === 1 ? "正文" : `第${index + 1}节`,
      volume: null,
      kind: "chapter",
      text,
    }));
}
