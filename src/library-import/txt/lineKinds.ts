import { groupBy } from "../../domain/groupBy.ts";
import { bannerOf } from "./banners.ts";
import type { Contents } from "./contents.ts";
import { pageMarkForm } from "./forms/pageMark.ts";
import type { Heading } from "./heading.ts";
import type { TextLines } from "./lines.ts";

/** The kinds of lines: text is kept, the others are reported. */
export const lineKind = { text: 0, heading: 1, listed: 2, banner: 3 } as const;

/** A suspected line is an advertisement where it stands so often, its numbers aside, or among so many lines at an end of the file. */
const repeated = 3;
const ends = { head: 10, tail: 3 };

/** The kind of each line: a heading's own, one of a table of contents, a site's advertisement or mark of a page, or text. */
export function lineKindsOf(
  lines: TextLines,
  headings: readonly Heading[],
  contents: readonly Contents[],
): Readonly<Uint8Array> {
  const kinds = new Uint8Array(lines.raw.length);
  for (const { from, to } of contents) kinds.fill(lineKind.listed, from, to + 1);
  for (const { own } of headings) for (const line of own) kinds[line] = lineKind.heading;
  const suspected: number[] = [];
  for (let line = 0; line < kinds.length; line += 1) {
    const text = lines.trimmed[line]!;
    if (kinds[line] !== lineKind.text || text === "") continue;
    const banner = bannerOf(text);
    if (banner === "sure" || ("分页".includes(text[0]!) && pageMarkForm(text).length > 0))
      kinds[line] = lineKind.banner;
    else if (banner === "suspected") suspected.push(line);
  }
  const isAtEnd = atEnds(lines, headings[0]?.line ?? lines.raw.length);
  const withoutNumbers = (line: number) =>
    lines.trimmed[line]!.replace(/[\d０-９〇零一二两三四五六七八九十百千]+/gu, "0");
  for (const same of groupBy(suspected, withoutNumbers).values())
    for (const line of same) if (same.length >= repeated || isAtEnd(line)) kinds[line] = lineKind.banner;
  return kinds;
}

/** Returns whether a line is among the first ones above the first heading, or the last ones, and is no sentence. */
function atEnds({ trimmed }: TextLines, firstHeading: number): (line: number) => boolean {
  const filled = (from: number, step: 1 | -1, max: number) => {
    let line = from;
    for (let left = max; left > 0 && line >= 0 && line < trimmed.length; line += step)
      if (trimmed[line] !== "") left -= 1;
    return line;
  };
  const head = Math.min(firstHeading, filled(0, 1, ends.head));
  const tail = filled(trimmed.length - 1, -1, ends.tail);
  return (line) => (line < head || line > tail) && !/[。！？…”]$/u.test(trimmed[line]!);
}
