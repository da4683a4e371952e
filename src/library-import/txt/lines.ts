/** The lines of a text, with what the search for headings asks of them again and again. */
export type TextLines = {
  readonly raw: readonly string[];
  /** Each line without white space around it. */
  readonly trimmed: readonly string[];
  /** Characters other than white space at the ends, summed up to the line's beginning; one more entry than lines. */
  readonly before: Float64Array;
};

/** Splits a text with LF ends into lines. */
export function textLines(text: string): TextLines {
  const raw = text.split("\n");
  const trimmed = raw.map((line) => line.trim());
  const before = new Float64Array(raw.length + 1);
  for (let index = 0; index < raw.length; index += 1) before[index + 1] = before[index]! + trimmed[index]!.length;
  return { raw, trimmed, before };
}

/** How many UTF-16 units of text stand on the lines after `from` and before `to`. */
export function textBetween(lines: TextLines, from: number, to: number): number {
  return lines.before[to]! - lines.before[from + 1]!;
}

/** The width of a line's indent in half-width columns: 　　 is 4. */
export function indentOf(lines: TextLines, line: number): number {
  const raw = lines.raw[line]!;
  const white = raw.slice(0, raw.length - raw.trimStart().length);
  return [...white].reduce((width, character) => width + (character === "\u3000" ? 2 : character === "\t" ? 4 : 1), 0);
}

export function blankBefore(lines: TextLines, line: number): boolean {
  return line === 0 || lines.trimmed[line - 1] === "";
}
