import { squeezed } from "./contents.ts";
import type { Heading } from "./heading.ts";
import { type TextLines, textBetween } from "./lines.ts";

/** A heading that comes twice has no more between its two places than this, in UTF-16 units. */
const maxApart = 60;

/** Takes a heading that stands twice, or once in full and once as its number, as one; the fuller of the two counts. */
export function withoutRepeats(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  const kept: Heading[] = [];
  for (const heading of headings) {
    const before = kept.at(-1);
    const near = before && before.role === heading.role && textBetween(lines, before.end, heading.line) <= maxApart;
    const [a, b] = near ? [squeezed(before.title), squeezed(heading.title)] : ["", "-"];
    const same = a === b || (before?.bare === true && b.startsWith(a)) || (heading.bare && a.startsWith(b) && b !== "");
    if (near && same) {
      const fuller = b.length > a.length ? heading : before;
      const own = [...before.own, ...heading.own];
      kept[kept.length - 1] = { ...fuller, own, line: before.line, end: heading.end };
    } else kept.push(heading);
  }
  return kept;
}
