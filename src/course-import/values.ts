import { z } from "zod";
import { maxCourseIdDigits } from "../domain/ids.ts";

/** An unusable row; the message is the reason, without the place. */
export class UnusableRow extends Error {
  override readonly name = "UnusableRow";
}

/** A row that comes too late for its reader; it is skipped once, and counts as imported. */
export class OutdatedRow extends UnusableRow {}

/** Called with the reason for each optional field that cannot be read, and counts as missing. */
export type ReportField = (reason: string) => void;

/** What `read` reads from a field; undefined, and reported, if that throws UnusableRow. */
export function optional<Value>(report: ReportField, read: () => Value | undefined): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnusableRow)) throw error;
    report(error.message);
    return undefined;
  }
}

/** A row, by lower-case column names. */
export type Row = Readonly<Record<string, string | null>>;

/** A field without white space around it; undefined if there is none: no such column, null, or empty. */
function present(row: Row, column: string): string | undefined {
  return row[column]?.trim() || undefined;
}

/** Also with the `.0` that pandas writes in columns with missing values. */
const integer = new RegExp(`^(-?\\d{1,${maxCourseIdDigits}})(?:\\.0*)?$`);

/** A positive integer. Throws UnusableRow. */
export function idIn(row: Row, column: string): number {
  const id = idIfAny(row, column);
  if (id === undefined) throw new UnusableRow(`${column} must be a number from 1 on, not ${shown(row[column])}`);
  return id;
}

/** The same; undefined if missing, or below 1. Throws UnusableRow. */
export function idIfAny(row: Row, column: string): number | undefined {
  const number = numberIn(row, column);
  return number !== undefined && number >= 1 ? number : undefined;
}

/** An integer; undefined if missing. Throws UnusableRow. */
export function numberIn(row: Row, column: string): number | undefined {
  const value = present(row, column);
  if (value === undefined) return undefined;
  const [, digits] = integer.exec(value) ?? [];
  if (digits === undefined) throw new UnusableRow(`${column} is no whole number: ${shown(value)}`);
  return Number(digits);
}

const decimal = /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i;

/** A decimal number; undefined if missing. Throws UnusableRow. */
export function decimalIn(row: Row, column: string): number | undefined {
  const value = present(row, column);
  if (value === undefined) return undefined;
  if (!decimal.test(value)) throw new UnusableRow(`${column} is no number: ${shown(value)}`);
  return Number(value);
}

/** Text; "" if missing. */
export function textIn(row: Row, column: string): string {
  return row[column] ?? "";
}

const time =
  /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;
/** What MySQL has instead of a time. */
const zero = /^0000[-/]00?[-/]00?(?![^ T])/;
/** Refuses days and hours that do not exist, which Date.parse moves. */
const existing = z.iso.datetime({ offset: true });

/**
 * A DATETIME as milliseconds since 1970: `2026-01-31 18:05:09`, also with fractions, an offset or T, without seconds, as Excel writes it,
 * `2026/1/31 8:05`, or a day alone, at 00:00. Without an offset it is in `utcOffset` (+08:00). Undefined if missing, 0000-00-00, or before 1970. Throws UnusableRow.
 */
export function timeIn(row: Row, column: string, utcOffset: string): number | undefined {
  const value = present(row, column);
  if (value === undefined || zero.test(value)) return undefined;
  const [, year, , month = "", day = "", hour = "0", minute = "00", second = "00", fraction = "", offset = utcOffset] =
    time.exec(value) ?? [];
  const [mm, dd, hh] = [month, day, hour].map((digits) => digits.padStart(2, "0"));
  const iso = `${year}-${mm}-${dd}T${hh}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`;
  if (!existing.safeParse(iso).success)
    throw new UnusableRow(`${column} is no time like 2026-01-31 18:05:09: ${shown(value)}`);
  const at = Date.parse(iso);
  return at >= 0 ? at : undefined;
}

/** The first of these times that is not missing. Throws UnusableRow. */
export function firstTimeIn(row: Row, columns: readonly string[], utcOffset: string): number | undefined {
  for (const column of columns) {
    const at = timeIn(row, column, utcOffset);
    if (at !== undefined) return at;
  }
  return undefined;
}

function shown(value: string | null | undefined): string {
  if (value === null || value === undefined || value === "") return "nothing";
  return JSON.stringify([...value].slice(0, 40).join(""));
}
