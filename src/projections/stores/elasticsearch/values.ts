import type { ColumnType, Row, Table } from "../../engine/core/declaration.ts";
import { RefusedContents } from "./errors.ts";

/** A row as JSON: int8 as decimal text, times in ISO 8601 with milliseconds. */
export type StoredRow = Readonly<Record<string, string | number | boolean | null>>;

const int4 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const int8 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/**
 * A row in its stored form. Throws RefusedContents for values that its columns cannot hold: the same ones that Postgres
 * refuses, so that no event is poison in one kind of store only. Lone surrogates become U+FFFD, as in UTF-8.
 */
export function storedRow({ columns }: Table, row: Row): StoredRow {
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, storedValue(name, type, row[name])]));
}

function storedValue(name: string, type: ColumnType, value: unknown): StoredRow[string] {
  if (value === null || value === undefined) {
    if (type.endsWith("?")) return null;
    throw new RefusedContents(`null in column ${name}, which does not allow it`);
  }
  const stored = storedPresent(type.replace("?", ""), value);
  if (stored === undefined) throw new RefusedContents(`no ${type} that can be stored in column ${name}`);
  return stored;
}

function storedPresent(type: string, value: unknown): string | number | boolean | undefined {
  switch (type) {
    case "text":
      return typeof value === "string" && !value.includes("\0") ? value.toWellFormed() : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "int4":
      if (!Number.isInteger(value)) return undefined;
      return (value as number) >= int4.min && (value as number) <= int4.max ? (value as number) + 0 : undefined;
    case "int8":
      if (typeof value !== "bigint") return undefined;
      return value >= int8.min && value <= int8.max ? String(value) : undefined;
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
  }
}

/** Converts a stored row back. */
export function rowOf({ columns }: Table, stored: StoredRow): Row {
  return Object.fromEntries(
    Object.entries(columns).map(([name, type]) => {
      const value = stored[name] ?? null;
      if (value === null) return [name, null];
      if (type.startsWith("int8")) return [name, BigInt(value)];
      return [name, type.startsWith("timestamptz") ? new Date(value as string) : value];
    }),
  );
}
