import type { Streamed, Value } from "./database.ts";

const numeric = /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/;
/** Their values come as text. */
const wide = /^U?(BIG|HUGE)INT$/;
const fits = /^-?\d{1,15}$/;

/** Returns whether a column of this type (as DuckDB writes it) has numbers. */
export const isNumeric = (type: string): boolean => numeric.test(type);

/** A value of a column of this type: an integer that a Number holds as one, other values as they are. */
function asNumber(value: Value, type: string): Value {
  return typeof value === "string" && wide.test(type) && fits.test(value) ? Number(value) : value;
}

/** A row of an answer by the names of its columns, with numbers as `asNumber` gives them. */
export function recordOf({ columns, types }: Pick<Streamed, "columns" | "types">, row: readonly Value[]) {
  return Object.fromEntries(columns.map((name, index) => [name, asNumber(row[index] ?? null, types[index] ?? "")]));
}
