/** Formats rows under headings; the columns in `numbers` are right-aligned. */
export function asTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number>,
): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      numbers.has(column) ? padding(cell, widths[column]) + cell : cell + padding(cell, widths[column]),
    );
  return all.map((row) => `${line(row).join("  ").trimEnd()}\n`).join("");
}

const padding = (cell: string, width = 0) => " ".repeat(Math.max(0, width - widthOf(cell)));

/** Characters that take two terminal columns: East Asian wide and fullwidth ones (Unicode annex 11), and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

function widthOf(text: string): number {
  return [...text].length + (text.match(wide)?.length ?? 0);
}

/** Text on one line, without control characters: keys, stream names and messages may contain anything. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 200);
}
