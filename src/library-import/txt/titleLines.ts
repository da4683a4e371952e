import { bannerOf } from "./banners.ts";
import { isRule } from "./dividers.ts";
import type { Heading } from "./heading.ts";
import { indentOf, type TextLines } from "./lines.ts";

/** The longest title that stands on a line of its own, in UTF-16 units. */
const longestTitle = 30;
/** Minimum share of the headings without a title that must have such a line for it to be one. */
const usual = 0.7;

/**
 * Joins headings that are numbers only with the titles on the lines below them, where the file has it so: most such headings
 * have a short line below that is no sentence and is set apart from the text. A couplet may take two lines.
 */
export function joinTitles(lines: TextLines, headings: readonly Heading[]): readonly Heading[] {
  const bare = headings.filter(({ bare, kind, role }) => bare && (kind === "chapter" || role === "volume"));
  const starts = new Set(headings.map(({ line }) => line));
  const titled = new Map<Heading, readonly number[]>();
  for (const heading of bare) {
    const found = titleBelow(lines, heading, starts);
    if (found.length > 0) titled.set(heading, found);
  }
  const numbered = bare.filter(({ title }) => !/^(?:番外|正文)/u.test(title) && title !== "");
  if (numbered.length === 0 || numbered.filter((heading) => titled.has(heading)).length < usual * numbered.length)
    return headings;
  return headings.map((heading) => {
    const below = titled.get(heading) ?? [];
    if (below.length === 0) return heading;
    const rest = below.map((line) => lines.trimmed[line]!).join(" ");
    const own = [...heading.own, ...below];
    return { ...heading, own, end: below.at(-1)!, title: `${heading.title} ${rest}`, rest, bare: false };
  });
}

function titleBelow(lines: TextLines, heading: Heading, starts: ReadonlySet<number>): readonly number[] {
  const first = nextFilled(lines, heading.end, 3);
  if (first === undefined || !looksLikeTitle(lines, heading, first, starts)) return [];
  const second = nextFilled(lines, first, 1);
  if (second === undefined) return nextFilled(lines, first, 4) === undefined ? [] : [first];
  if (starts.has(second)) return [];
  const couplet =
    lines.trimmed[first]!.length === lines.trimmed[second]!.length && nextFilled(lines, second, 1) === undefined;
  if (couplet && looksLikeTitle(lines, heading, second, starts)) return [first, second];
  // No blank line between: then the text must be set off by its indent, or the line be much shorter than a line of text.
  const isSetOff =
    indentOf(lines, second) !== indentOf(lines, first) ||
    lines.trimmed[second]!.length >= 2 * lines.trimmed[first]!.length;
  return isSetOff ? [first] : [];
}

function looksLikeTitle(lines: TextLines, heading: Heading, line: number, starts: ReadonlySet<number>): boolean {
  const text = lines.trimmed[line]!;
  if (starts.has(line) || text.length > longestTitle || bannerOf(text) !== undefined || isRule(text)) return false;
  if (/[。；，、：:,;…”」』）)~—-]$|^[“「『（(—…]|^(?:却?话说|且说|诗曰|词曰)/u.test(text)) return false;
  // The first line of wrapped text may end anywhere, but a title has no two commas.
  if (/[，,].*[，,]/u.test(text)) return false;
  // A line with the indent of a paragraph below a heading without one belongs to the text.
  return !(indentOf(lines, line) === 4 && indentOf(lines, heading.line) < 4);
}

/** The next line with text, at most `reach` lines further down. */
function nextFilled(lines: TextLines, from: number, reach: number): number | undefined {
  for (let line = from + 1; line <= from + reach && line < lines.raw.length; line += 1) {
    if (lines.trimmed[line] !== "") return line;
  }
  return undefined;
}
