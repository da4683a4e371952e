import type { Value } from "./database.ts";

const numeric = /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/;
/** Their values come as text. */
const wide = /^U?(BIG|HUGE)INT$/;
const fits = /^-?\d{1,15}$/;

/** Whether a column of this type (as DuckDB writes it) has numbers. */
export const isNumeric = (type: string): boolean => numeric.test(type);

/** A value of a column of this type: an integer that a Number holds as one, other values as they are. */
export function asNumber(value: Value, type: string): Value {
  return typeof value === "string" && wide.test(type) && fits.test(value) ? Number(value) : value;
}
