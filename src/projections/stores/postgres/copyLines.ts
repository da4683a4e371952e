import type { Row, Table } from "../../engine/core/declaration.ts";

/** The number of characters passed to the connection at once. */
const pieceLength = 64 * 1024;

/**
 * Rows in COPY's text format (https://www.postgresql.org/docs/18/sql-copy.html, "Text Format"): tab-separated, columns in the
 * order of the declaration.
 */
export function* copyLines(table: Table, rows: Iterable<Row>): Generator<string> {
  const columns = Object.keys(table.columns);
  let piece = "";
  for (const row of rows) {
    for (let index = 0; index < columns.length; index++) {
      if (index > 0) piece += "\t";
      piece += field(row[columns[index] as string]);
    }
    piece += "\n";
    if (piece.length >= pieceLength) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function field(value: unknown): string {
  if (value === null || value === undefined) return "\\N";
  if (value instanceof Date) return value.toISOString();
  const text = String(value);
  return special.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => escapes[character] as string) : text;
}
