import type { Found } from "./candidates.ts";
import type { Heading } from "./heading.ts";
import { type TextLines, textBetween } from "./lines.ts";
import { squeezed } from "./titleList.ts";

/** A heading that comes twice has no more between its two places than this, in UTF-16 units. */
const maxApart = 60;

/** From so many headings on that only repeat the one before, they are heads of pages. */
const pageHeads = 3;

function isAgain(before: Heading | undefined, heading: Heading): boolean {
  if (before?.role !== "chapter" || heading.role !== "chapter" || heading.rest === "") return false;
  return squeezed(before.title) === squeezed(heading.title);
}

/** Found lines without those that only repeat the one above: 一、风起 as the first line of the text below 一、风起. */
export function withoutEchoes(lines: TextLines, found: readonly Found[]): readonly Found[] {
  return found.filter((form, index) => {
    const above = found[index - 1];
    const isEcho = above !== undefined && above.line < form.line && echoes(lines, above.line, form.line);
    return !isEcho || form.rest === "";
  });
}

/** Headings with the line below them, if it only repeats them. */
export function withEchoes(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  return headings.map((heading, index) => {
    let line = heading.end + 1;
    while (lines.trimmed[line] === "") line += 1;
    const next = headings[index + 1]?.line ?? lines.raw.length;
    if (line >= next || heading.rest === "" || !echoes(lines, heading.end, line)) return heading;
    return { ...heading, end: line, own: [...heading.own, line] };
  });
}

function echoes(lines: TextLines, above: number, below: number): boolean {
  const [first, second] = [lines.trimmed[above]!, lines.trimmed[below]!];
  return (
    first.length === second.length && textBetween(lines, above, below) === 0 && squeezed(first) === squeezed(second)
  );
}

/** Takes a heading that stands twice, or once in full and once as its number, as one; the fuller of the two counts. */
export function withoutRepeats(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  const kept: Heading[] = [];
  const times = headings.filter((heading, index) => isAgain(headings[index - 1], heading)).length;
  for (const heading of headings) {
    const before = kept.at(-1);
    if (times >= pageHeads && before !== undefined && isAgain(before, heading)) {
      kept[kept.length - 1] = { ...before, own: [...before.own, ...heading.own] };
      continue;
    }
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
