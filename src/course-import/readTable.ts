import type { FileHandle } from "node:fs/promises";
import { parseJson } from "../library-import/jsonl/json.ts";
import { isRecord } from "../library-import/jsonl/record.ts";
import { UnusableBookFile } from "../library-import/parsedBook.ts";
import { parseCsvRecord } from "./csv.ts";
import { type RecordPlace, readRecordAt, readRecords } from "./records.ts";
import { type TableName, tables } from "./tables.ts";
import { type Row, UnusableRow } from "./values.ts";

/** An open file of a table, and how its records are parsed. */
export type TableFile = {
  readonly table: TableName;
  readonly path: string;
  readonly file: FileHandle;
  /** Bytes. */
  readonly size: number;
};

export type PlacedRow = { readonly place: RecordPlace; readonly row: Row };

/** Reads the rows of a table. Invalid records are skipped and reported to `onBad`. */
export type ReadOptions = {
  readonly onBad: (line: number, reason: string) => void;
  readonly onRead?: ((bytes: number) => void) | undefined;
};

const isCsv = (path: string) => /\.csv$/i.test(path);

/**
 * The rows of a CSV file, whose first record has the column names, or of a JSON Lines file. Throws UnusableBookFile if a
 * required column is missing.
 */
export async function* readTable(source: TableFile, options: ReadOptions): AsyncGenerator<PlacedRow> {
  const { file, path, table } = source;
  const csv = isCsv(path);
  let columns: readonly string[] | undefined;
  for await (const { text, ...place } of readRecords(file, { quotes: csv, onRead: options.onRead })) {
    if (csv && columns === undefined) {
      columns = columnsOf(text, place.line);
      requireColumns(table, columns, place.line);
      continue;
    }
    try {
      const row = csv ? rowOfCsv(text, columns ?? []) : rowOfJson(text);
      if (!csv && columns === undefined) {
        columns = Object.keys(row);
        requireColumns(table, columns, place.line);
      }
      yield { place, row };
    } catch (error) {
      if (!(error instanceof UnusableRow)) throw error;
      options.onBad(place.line, error.message);
    }
  }
}

/** Reads rows again by their places, for tables whose rows are too large to be kept in memory. */
export async function createRowReader({ file, path }: TableFile): Promise<(place: RecordPlace) => Promise<Row>> {
  if (!isCsv(path)) return async (place) => rowOfJson(await readRecordAt(file, place));
  const first = await readRecords(file, { quotes: true }).next();
  const columns = first.done ? [] : columnsOf(first.value.text, first.value.line);
  return async (place) => rowOfCsv(await readRecordAt(file, place), columns);
}

function columnsOf(text: string, line: number): readonly string[] {
  try {
    return parseCsvRecord(text).map((name) => (name ?? "").trim().toLowerCase());
  } catch (error) {
    throw new UnusableBookFile(`line ${line} ${(error as Error).message}`);
  }
}

function requireColumns(table: TableName, columns: readonly string[], line: number): void {
  const missing = tables[table].filter((column) => !columns.includes(column));
  if (missing.length === 0) return;
  throw new UnusableBookFile(`line ${line} does not name the columns of ${table}: ${missing.join(", ")} missing`);
}

function rowOfCsv(text: string, columns: readonly string[]): Row {
  let fields: readonly (string | null)[];
  try {
    fields = parseCsvRecord(text);
  } catch (error) {
    throw new UnusableRow((error as Error).message);
  }
  if (fields.length !== columns.length) {
    throw new UnusableRow(`has ${fields.length} fields, and the first line names ${columns.length}`);
  }
  return Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? null]));
}

function rowOfJson(text: string): Row {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new UnusableRow("is not JSON");
  }
  if (!isRecord(value)) throw new UnusableRow("is no JSON object");
  return Object.fromEntries(Object.entries(value).map(([column, field]) => [column.toLowerCase(), textOf(field)]));
}

function textOf(field: unknown): string | null {
  if (typeof field === "boolean") return field ? "1" : "0";
  if (typeof field === "string") return field;
  return typeof field === "number" ? String(field) : null;
}
