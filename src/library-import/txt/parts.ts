import type { ParsedChapter } from "../parsedBook.ts";
import { piecesOf } from "./cutAtParagraphs.ts";
import type { Heading } from "./heading.ts";
import { soundShare } from "./spread.ts";

/** A chapter before it has its number. */
export type Part = Pick<ParsedChapter, "title" | "volume" | "kind" | "text">;

/** Minimum length of the text between a volume's heading and its first chapter that makes it a chapter of its own. */
const longVolumeIntro = 200;
/** An entry that holds too much of the book is cut at paragraphs from this length on, in UTF-16 units; any, from the second. */
const oversized = { ofShare: 60_000, any: 200_000 };

/** The chapters that headings make of a text. `textOf` gives the text below a heading. */
export function partsOf(headings: readonly Heading[], textOf: (index: number) => string): readonly Part[] {
  const parts: Part[] = [];
  const lastChapter = headings.findLastIndex(({ kind, role }) => role === "chapter" && kind === "chapter");
  let open: readonly Heading[] = [];
  let volume: string | null = null;
  let pending = "";
  headings.forEach((heading, index) => {
    const text = textOf(index);
    if (heading.role === "volume") {
      if (heading.title !== "") open = [...open.filter(({ level }) => level < heading.level), heading];
      volume = open.map(({ title }) => title).join(" ") || volume;
      const alone = headings[index + 1]?.role !== "chapter";
      if (text.length >= longVolumeIntro || (alone && text !== "")) {
        parts.push({
          title: heading.title || "正文",
          volume,
          kind: alone ? "chapter" : "preface",
          text: pending + text,
        });
        pending = "";
      } else if (text !== "") pending += `${text}\n\n`;
      return;
    }
    volume = heading.volume ?? volume;
    // Text after the last chapter closes the book, not its last volume.
    const closing = heading.kind === "afterword" && index > lastChapter;
    parts.push({ title: heading.title, volume: closing ? null : volume, kind: heading.kind, text: pending + text });
    pending = "";
  });
  return parts;
}

/** Cuts at paragraphs what holds far too much of the book to be one chapter: 第三章（1）, 第三章（2）, … */
export function withoutOversized(parts: readonly Part[]): readonly Part[] {
  const total = parts.reduce((sum, { text }) => sum + text.length, 0);
  const maxLength = Math.max(oversized.ofShare, soundShare(parts.length) * total);
  return parts.flatMap((part) => {
    if (part.text.length <= Math.min(maxLength, oversized.any)) return [part];
    const pieces = piecesOf(part.text.split("\n"));
    if (pieces.length < 2) return [part];
    return pieces.map((text, index) => ({ ...part, title: `${part.title}（${index + 1}）`, text }));
  });
}
