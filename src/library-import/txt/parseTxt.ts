import { maxChapters, maxLengths } from "../limits.ts";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { plainLine } from "../plainText.ts";
import { withoutEmptyEnds } from "../textEnds.ts";
import { accountOfTxt } from "./accountOfTxt.ts";
import { cleanTxt } from "./cleanTxt.ts";
import { cutAtParagraphs } from "./cutAtParagraphs.ts";
import { isDivider } from "./dividers.ts";
import { parseFrontMatter } from "./frontMatter.ts";
import { findHeadings } from "./headings.ts";
import { identify } from "./identity.ts";
import { withoutLicence } from "./licence.ts";
import { lineKind, lineKindsOf } from "./lineKinds.ts";
import { type TextLines, textLines } from "./lines.ts";
import { type Part, partsOf, withoutOversized } from "./parts.ts";
import { squeezed, withoutTitleList } from "./titleList.ts";

/** The longest line of a text, in UTF-16 units. */
const longestLine = 1_000_000;
/**
 * Cuts a TXT novel into chapters by the rules that explain its headings best, or at paragraph ends if it has none. Text before
 * the first heading that is neither title nor field nor a download site's is a preface. Line ends become LF; tables of
 * contents, advertisements and blank lines around a chapter's text go, each line of them counted. `fileName`, without
 * extension, gives a new book title and author where the text does not. Throws UnusableBookFile.
 */
export function parseTxt(source: string, fileName: string): ParsedBook {
  const { text, left } = withoutLicence(cleanTxt(source));
  const lines = textLines(text);
  const long = lines.raw.findIndex((line) => line.length > longestLine);
  if (long >= 0) throw new UnusableBookFile(`line ${long + 1} is longer than ${longestLine} characters`);
  const { headings, contents, rule } = findHeadings(lines);
  const kinds = lineKindsOf(lines, headings, contents);
  const kept = (from: number, to: number) => lines.raw.slice(from, to).filter((_, index) => kinds[from + index] === 0);

  const titles = new Set(
    headings.flatMap(({ title, rest }) => [squeezed(title), ...(rest === "" ? [] : [squeezed(rest)])]),
  );
  const { above, marks } = openingOf(lines, kinds, headings[0]?.line);
  const opening = withoutTitleList(above, titles);
  const front = parseFrontMatter(opening.kept);
  const { title, author, ifNew, preface } = identify(front, fileName);
  const isBack = preface.length > front.preface.length;
  const read = opening.kept
    .slice(0, opening.kept.length - front.preface.length)
    .filter((line) => !marks.has(line) && !(isBack && line === front.titleLine));
  const textAbove = preface.filter((line) => !marks.has(line));
  const textOf = (index: number) => {
    const to = headings[index + 1]?.line ?? lines.raw.length;
    return withoutEmptyEnds(kept(headings[index]!.line, to)).join("\n");
  };
  const parts =
    headings.length === 0 ? cutAtParagraphs(textAbove) : [...prefaceOf(textAbove), ...partsOf(headings, textOf)];
  if (parts.length === 0) throw new UnusableBookFile("has no text");
  if (parts.length > maxChapters) throw new UnusableBookFile(`has more than ${maxChapters} chapters`);
  const cut = withoutOversized(parts);
  return {
    title: title && plainLine(title, maxLengths.title),
    author,
    ifNew,
    intro: front.intro,
    channel: front.channel,
    category: front.category,
    status: front.status,
    account: accountOfTxt({ text, lines, kinds, rule, parts: cut, front: [...opening.listed, ...read], licence: left }),
    chapters: cut.map(({ title, volume, ...part }, index) => ({
      no: index + 1,
      title: headingOf(title),
      volume: volume && headingOf(volume),
      ...part,
    })),
  };
}

/**
 * The lines above the first heading. `marks`: those of them that are a site's dividers (------章节内容开始------); they end an introduction,
 * and are no text.
 */
function openingOf({ raw, trimmed }: TextLines, kinds: Readonly<Uint8Array>, firstHeading = raw.length) {
  const marks = new Set<string>();
  const above = raw.slice(0, firstHeading).filter((line, index) => {
    const isMark = kinds[index] === lineKind.banner && isDivider(trimmed[index]!);
    if (isMark) marks.add(line);
    return isMark || kinds[index] === lineKind.text;
  });
  return { above, marks };
}

/** A heading keeps the spaces between its halves, of any width. */
function headingOf(title: string): string {
  return title.length <= maxLengths.heading ? title : plainLine(title, maxLengths.heading);
}

function prefaceOf(lines: readonly string[]): readonly Part[] {
  const text = withoutEmptyEnds(lines).join("\n");
  return text === "" ? [] : [{ title: "前言", volume: null, kind: "preface", text }];
}
