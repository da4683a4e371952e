import { maxCourseIdDigits } from "../domain/ids.ts";

/** An unusable row; the message is the reason, without the place. */
export class UnusableRow extends Error {
  override readonly name = "UnusableRow";
}

/** A row that comes too late for its reader; it is skipped once, and counts as imported. */
export class OutdatedRow extends UnusableRow {}

/** A row, by lower-case column names. */
export type Row = Readonly<Record<string, string | null>>;

const integer = new RegExp(`^-?\\d{1,${maxCourseIdDigits}}$`);

/** A positive integer. Throws UnusableRow. */
export function idIn(row: Row, column: string): number {
  const id = idIfAny(row, column);
  if (id === undefined) throw new UnusableRow(`${column} must be a number from 1 on, not ${shown(row[column])}`);
  return id;
}

/** The same; undefined if missing or 0. */
export function idIfAny(row: Row, column: string): number | undefined {
  const number = numberIn(row, column);
  return number !== undefined && number >= 1 ? number : undefined;
}

/** An integer; undefined if missing. */
export function numberIn(row: Row, column: string): number | undefined {
  const value = row[column]?.trim() ?? "";
  return integer.test(value) ? Number(value) : undefined;
}

/** Text; "" if missing. */
export function textIn(row: Row, column: string): string {
  return row[column] ?? "";
}

const time = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** A DATETIME as milliseconds since 1970; without an offset it is in `utcOffset` (+08:00). Undefined if missing. */
export function timeIn(row: Row, column: string, utcOffset: string): number | undefined {
  const parts = time.exec(row[column]?.trim() ?? "");
  if (parts === null) return undefined;
  const [, date, clock, fraction = "", offset = utcOffset] = parts;
  const at = Date.parse(`${date}T${clock}${fraction.slice(0, 4)}${offset}`);
  return at >= 0 ? at : undefined;
}

function shown(value: string | null | undefined): string {
  if (value === null || value === undefined || value === "") return "nothing";
  return JSON.stringify([...value].slice(0, 40).join(""));
}
