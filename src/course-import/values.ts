/** A row that cannot be used; the message says why, without its place. */
export class UnusableRow extends Error {
  override readonly name = "UnusableRow";
}

/** A row by its column names in small letters. */
export type Row = Readonly<Record<string, string | null>>;

/** The integers of MySQL's INT and BIGINT as far as Numbers are exact. */
const integer = /^-?\d{1,15}$/;

/** A whole number from 1 on. Throws UnusableRow. */
export function idIn(row: Row, column: string): number {
  const id = idIfAny(row, column);
  if (id === undefined) throw new UnusableRow(`${column} must be a number from 1 on, not ${told(row[column])}`);
  return id;
}

/** The same; undefined if there is none, or 0. */
export function idIfAny(row: Row, column: string): number | undefined {
  const number = numberIn(row, column);
  return number !== undefined && number >= 1 ? number : undefined;
}

/** A whole number; undefined if there is none. */
export function numberIn(row: Row, column: string): number | undefined {
  const value = row[column]?.trim() ?? "";
  return integer.test(value) ? Number(value) : undefined;
}

/** Text; "" if there is none. */
export function textIn(row: Row, column: string): string {
  return row[column] ?? "";
}

const time = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** A DATETIME as milliseconds since 1970; one without an offset is a time of `utcOffset` (+08:00). Undefined if there is none. */
export function timeIn(row: Row, column: string, utcOffset: string): number | undefined {
  const parts = time.exec(row[column]?.trim() ?? "");
  if (parts === null) return undefined;
  const [, date, clock, fraction = "", offset = utcOffset] = parts;
  const at = Date.parse(`${date}T${clock}${fraction.slice(0, 4)}${offset}`);
  return at >= 0 ? at : undefined;
}

function told(value: string | null | undefined): string {
  if (value === null || value === undefined || value === "") return "nothing";
  return JSON.stringify([...value].slice(0, 40).join(""));
}
