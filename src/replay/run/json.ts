/**
 * A result as JSON: a bigint as text, a Map with texts for keys as an object, another as a list of pairs, a Set as a list. Undefined,
 * which JSON lacks, is null.
 */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, plain, indent) ?? "null";
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Set) return [...value];
  if (!(value instanceof Map)) return value;
  const entries = [...value];
  return entries.every(([key]) => typeof key === "string") ? Object.fromEntries(entries) : entries;
}
