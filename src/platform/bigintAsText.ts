/** A replacer of JSON.stringify: a bigint, of which a Number keeps 53 bits only, as decimal digits in a string. */
export function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
