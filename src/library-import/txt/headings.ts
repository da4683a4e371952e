/** A chapter heading: the index of its line in the file, and the line without the white space around it. */
export type Heading = { readonly line: number; readonly title: string };

/** The units that chapters are numbered in. A file is cut by one of them: the one with more headings. */
const units = ["回", "章"] as const;

const numerals = "0-9０-９〇○零一二两三四五六七八九十廿卅百千万壹贰叁肆伍陆柒捌玖拾佰仟";

/** 第, a number (spaces inside allowed), the unit, then the end of the line or a separator and a title of 35 characters. */
const patterns = units.map(
  (unit) => new RegExp(`^第\\s*[${numerals}](?:\\s*[${numerals}])*\\s*${unit}(?:[\\s：:、．.·—－-]+\\S.{0,34})?$`, "u"),
);

/** What a title does not have and a sentence of the body does: 「第四回 书中说到此处，天已大亮。」 */
const sentence = /[。；]|[，、：]$/u;

/** The longest heading there can be, in UTF-16 units: longer lines are not looked at. */
const longestHeading = 100;

/** The headings of a TXT novel in the order of its lines; none if it has no line of the form 第…回 or 第…章. */
export function findHeadings(lines: readonly string[]): readonly Heading[] {
  const found = patterns.map((pattern) => linesMatching(lines, pattern));
  return found.reduce((best, headings) => (headings.length > best.length ? headings : best));
}

function linesMatching(lines: readonly string[], pattern: RegExp): readonly Heading[] {
  return lines.flatMap((line, index) => {
    const title = line.trim();
    const matches = title.length <= longestHeading && pattern.test(title) && !sentence.test(title);
    return matches ? [{ line: index, title }] : [];
  });
}
