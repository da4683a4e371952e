/** The lines of a text, with what the search for headings asks of them again and again. */
export type TextLines = {
  readonly raw: readonly string[];
  /** Each line without white space around it. */
  readonly trimmed: readonly string[];
  /** Characters other than white space at the ends, summed up to the line's beginning; one more entry than lines. */
  readonly before: Float64Array;
  /** Blank lines stand between the paragraphs, too, so that a line that stands alone is nothing special. */
  readonly paragraphsApart: boolean;
};

/** The shortest line that is surely text, in UTF-16 units. */
const surelyText = 40;

/** Splits a text with LF ends into lines. */
export function textLines(text: string): TextLines {
  const raw = text.split("\n");
  const trimmed = raw.map((line) => line.trim());
  const before = new Float64Array(raw.length + 1);
  let paragraphs = 0;
  let separated = 0;
  for (let index = 0; index < raw.length; index += 1) {
    const { length } = trimmed[index]!;
    before[index + 1] = before[index]! + length;
    if (length < surelyText) continue;
    paragraphs += 1;
    if (index > 0 && trimmed[index - 1] === "") separated += 1;
  }
  return { raw, trimmed, before, paragraphsApart: separated > 0.6 * paragraphs };
}

/** Returns the number of UTF-16 units of text on the lines after `from` and before `to`. */
export function textBetween(lines: TextLines, from: number, to: number): number {
  return lines.before[to]! - lines.before[from + 1]!;
}

/** The width of a line's indent in half-width columns: 　　 is 4. */
export function indentOf(lines: TextLines, line: number): number {
  const raw = lines.raw[line]!;
  let width = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at);
    if (code > 0x20 && code < 0x3000 && !/\s/u.test(raw[at]!)) break;
    if (code > 0x3000) break;
    width += code === 0x3000 ? 2 : code === 0x09 ? 4 : 1;
  }
  return width;
}

export function blankBefore(lines: TextLines, line: number): boolean {
  return line === 0 || lines.trimmed[line - 1] === "";
}

/** Returns whether blank lines stand above and below. */
export function standsAlone(lines: TextLines, line: number): boolean {
  return blankBefore(lines, line) && (line + 1 >= lines.trimmed.length || lines.trimmed[line + 1] === "");
}
