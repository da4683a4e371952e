import type { Streamed, Value } from "../../replay/duck/database.ts";
import { isNumeric, recordOf } from "../../replay/duck/numbers.ts";
import { print } from "../print.ts";
import { asTable, oneLine } from "../table.ts";

export const rowFormats = ["table", "csv", "json"] as const;
export type RowFormat = (typeof rowFormats)[number];

/** The maximum number of rows in a table; CSV and JSON have no limit. */
const maxInTable = 1_000;

/**
 * Prints rows as a table, as CSV with a header (RFC 4180), or as a JSON array of objects. Integers beyond 53 bits are JSON
 * strings. Rejects as `print` does, and prints nothing after an interruption.
 */
export async function printRows(
  answer: Streamed,
  format: RowFormat,
  stdout: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  if (format === "table") return printTable(answer, stdout);
  const write = (text: string) => {
    signal.throwIfAborted();
    return print(stdout, text);
  };
  if (format === "csv") await write(csvLine(answer.columns));
  let rows = 0;
  for await (const chunk of answer.chunks) {
    const lines = chunk.map((row) =>
      format === "csv" ? csvLine(row) : `${rows++ === 0 ? "[" : ","}\n${JSON.stringify(recordOf(answer, row))}`,
    );
    await write(lines.join(""));
  }
  if (format === "json") await write(rows === 0 ? "[]\n" : "\n]\n");
}

async function printTable({ columns, types, chunks }: Streamed, stdout: NodeJS.WritableStream): Promise<void> {
  const rows: (readonly Value[])[] = [];
  let all = 0;
  for await (const chunk of chunks) {
    all += chunk.length;
    rows.push(...chunk.slice(0, Math.max(0, maxInTable - rows.length)));
  }
  const numbers = new Set(types.flatMap((type, index) => (isNumeric(type) && rows.length > 0 ? [index] : [])));
  const cells = rows.map((row) => row.map((value) => (value === null ? "" : oneLine(rounded(value)))));
  stdout.write(asTable(columns, cells, numbers));
  stdout.write(
    all > rows.length ? `the first ${rows.length} of ${all} rows\n` : `${all} ${all === 1 ? "row" : "rows"}\n`,
  );
}

/** Fractions are printed with fewer digits. */
function rounded(value: Value): string {
  if (typeof value === "number" && !Number.isInteger(value)) return `${Number(value.toFixed(4))}`;
  return textOf(value);
}

function textOf(value: Value): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function csvLine(values: readonly Value[]): string {
  const cells = values.map((value) => {
    if (value === null) return "";
    const text = textOf(value);
    return text === "" || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(",")}\n`;
}
