import { LRUCache } from "lru-cache";
import { dayMs } from "../days.ts";
import type { Cell, LentRow } from "./cells.ts";
import { columns } from "./columns.ts";
import { isText } from "./fields.ts";

/** Lines of a text format. */
export type TextLines = {
  /** The line of a row, with its end. */
  line(row: LentRow): string;
  /** The text before the first line of a file. */
  readonly head: string;
};

/** Maps the cells of one type of event to a line: the columns that it may fill, in their order. */
type Line = (cells: readonly Cell[]) => string;
type Format = { readonly head: string; lineOf(filled: readonly number[]): Line };

const formats: Readonly<Record<"csv" | "ndjson", Format>> = {
  csv: { head: `${columns.map(({ name }) => name).join(",")}\n`, lineOf: csvLines },
  ndjson: { head: "", lineOf: jsonLines },
};

/** Lines of CSV (RFC 4180, with a head) or of JSON. Times are ISO 8601. */
export function createTextLines(format: "csv" | "ndjson"): TextLines {
  const { head, lineOf } = formats[format];
  const known = new Map<readonly number[], Line>();
  return {
    head,
    line({ filled, cells }) {
      let line = known.get(filled);
      if (line === undefined) {
        line = lineOf(filled);
        known.set(filled, line);
      }
      return line(cells);
    },
  };
}

/** Texts are always quoted, so that an empty one is not null. */
function csvLines(filled: readonly number[]): Line {
  const gaps = filled.map((index, n) => ",".repeat(index - (filled[n - 1] ?? 0)));
  const isQuoted = filled.map((index) => isText(columns[index]?.type ?? "VARCHAR"));
  const shown = filled.map(shownAs);
  const end = `${",".repeat(columns.length - 1 - (filled.at(-1) ?? 0))}\n`;
  return (cells) => {
    let line = "";
    for (let n = 0; n < cells.length; n++) {
      const cell = cells[n];
      line += gaps[n];
      if (cell !== undefined) line += isQuoted[n] ? quoted(String(cell)) : shown[n]?.(cell);
    }
    return line + end;
  };
}

function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/** Columns that are null are left out. JSON stays text, as in the other formats; positions have all their digits. */
function jsonLines(filled: readonly number[]): Line {
  const names = filled.map((index) => JSON.stringify(columns[index]?.name));
  const shown = filled.map(shownAs);
  return (cells) => {
    let line = "";
    for (let n = 0; n < cells.length; n++) {
      const cell = cells[n];
      if (cell === undefined) continue;
      const value = shown[n]?.(cell);
      line += `${line === "" ? "{" : ","}${names[n]}:${typeof value === "string" ? jsonText(value) : value}`;
    }
    return `${line}}\n`;
  };
}

/** Half a character is replaced, as UTF-8 does in the other formats: JSON would escape it, and DuckDB refuse the whole file. */
const jsonText = (text: string) => JSON.stringify(text.toWellFormed());

/** Returns the form of a column's cells in a text. */
function shownAs(index: number): (cell: Exclude<Cell, undefined>) => Exclude<Cell, undefined> {
  const type = columns[index]?.type;
  if (type === "TIMESTAMP") return (cell) => new Date(cell as number).toISOString();
  return type === "DATE" ? (cell) => dayText(cell as number) : (cell) => cell;
}

const days = new LRUCache<number, string>({ max: 10_000 });

/** A day by its number: the same few days come again and again. */
function dayText(number: number): string {
  const known = days.get(number);
  if (known !== undefined) return known;
  const day = new Date(number * dayMs).toISOString().slice(0, 10);
  days.set(number, day);
  return day;
}
