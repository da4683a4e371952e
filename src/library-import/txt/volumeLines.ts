import type { Heading } from "./heading.ts";
import { type TextLines, textBetween } from "./lines.ts";

/**
 * Gives the headings their roles beside each other: 正文 right above a heading is dropped; 番外 there is the volume of the following
 * headings; a volume right beneath a chapter's heading is the volume that this chapter stands in.
 */
export function withVolumeLines(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  return belowChapters(lines, namesAsVolumes(lines, headings));
}

function namesAsVolumes(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  return headings.map((heading, index) => {
    const next = headings[index + 1];
    const empty = next !== undefined && textBetween(lines, heading.line, next.line) === 0;
    if (!empty || heading.role === "volume") return heading;
    if (/^正文$/u.test(heading.title)) return { ...heading, role: "volume", title: "", level: 9 };
    const opens = /^(?:番外|外[传傳]|外篇)[篇卷]?$/u.test(heading.title) && next.kind === "chapter";
    return opens ? { ...heading, role: "volume", level: 0 } : heading;
  });
}

function belowChapters(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  const result: Heading[] = [];
  headings.forEach((heading, index) => {
    const above = result.at(-1);
    const next = headings[index + 1]?.line ?? lines.raw.length;
    const below =
      heading.role === "volume" &&
      heading.title !== "" &&
      above?.role === "chapter" &&
      textBetween(lines, above.end, heading.line) === 0 &&
      textBetween(lines, heading.end, next) > 0;
    const own = below ? [...above.own, ...heading.own] : [];
    if (below) result[result.length - 1] = { ...above, own, end: heading.end, volume: heading.title };
    else result.push(heading);
  });
  return result;
}
