/** Rows under headings, as wide as they need be; the columns in `numbers` stand on the right. */
export function asTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number>,
): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      numbers.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return all.map((row) => `${line(row).join("  ").trimEnd()}\n`).join("");
}

/** A key, a stream name or a message on one line: it may hold anything, also what would move the terminal's cursor. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 200);
}
