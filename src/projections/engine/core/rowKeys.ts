import { isDeepStrictEqual } from "node:util";
import type { Row, Table } from "./declaration.ts";

/**
 * The key of a row as text, which identifies it in memory. Each column is preceded by its length, so that no two keys are
 * equal; JSON takes four times as long.
 */
export function keyText({ primaryKey }: Table, row: Row): string {
  let text = "";
  for (const column of primaryKey) {
    const value = textOf(row[column]);
    text += `${value.length}:${value}`;
  }
  return text;
}

/** Returns whether a row has this key. */
export function hasKey(table: Table, row: Row, key: Row): boolean {
  return table.primaryKey.every((column) => row[column] === key[column] || textOf(row[column]) === textOf(key[column]));
}

/** Returns whether a row has these columns and values. */
export function matches(pattern: Row, row: Row): boolean {
  return Object.entries(pattern).every(([column, value]) => isDeepStrictEqual(row[column], value));
}

/** Lossless text: String omits the milliseconds of a Date. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Date ? value.toISOString() : String(value);
}
