import { isRule } from "./txt/dividers.ts";

/** The lines without blank ones at both ends. */
export function withoutBlankEnds(lines: readonly string[]): readonly string[] {
  return between(lines, (line) => line.trim() !== "");
}

/** The lines without blank ones and rows of symbols at both ends. */
export function withoutEmptyEnds(lines: readonly string[]): readonly string[] {
  return between(lines, (line) => line.trim() !== "" && !isRule(line.trim()));
}

function between(lines: readonly string[], isText: (line: string) => boolean): readonly string[] {
  return lines.slice(Math.max(0, lines.findIndex(isText)), lines.findLastIndex(isText) + 1);
}
