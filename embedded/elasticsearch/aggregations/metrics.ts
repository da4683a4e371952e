import { defaultFormat, formatDate } from "../documents/dates.ts";
import type { Field } from "../indices/mapping.ts";
import type { Node } from "../json/node.ts";
import { double } from "../json/numbers.ts";
import { intValue } from "../json/reader.ts";
import type { Part, Result } from "./aggregation.ts";
import type { AggregationParser } from "./parsers.ts";
import { mappedField, numericField, readValueSource, requireField, valueJson, valuesOf } from "./values.ts";

/** All values of a field, including those in place of missing ones. */
function numbers(parts: readonly Part[], path: string, missing: string | undefined): number[] {
  return valuesOf(parts, path, missing === undefined ? [] : [Number(missing)]) as number[];
}

/** Kahan summation, as in Elasticsearch. */
function sumOf(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const corrected = value - lost;
    const next = sum + corrected;
    lost = next - sum - corrected;
    sum = next;
  }
  return sum;
}

type Metric = (values: readonly number[], field: Field | undefined) => { json: Record<string, unknown>; value: number };

const single =
  (compute: (values: readonly number[]) => number | null): Metric =>
  (values, field) => {
    const value = compute(values);
    return { json: value === null ? { value: null } : valueJson("value", value, field), value: value ?? Number.NaN };
  };

const bare: Readonly<Record<string, Metric>> = {
  min: single((values) => (values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b)))),
  max: single((values) => (values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b)))),
  sum: single(sumOf),
  avg: single((values) => (values.length === 0 ? null : sumOf(values) / values.length)),
};

/** `min`, `max`, `sum` and `avg` of a number field. */
export function metric(kind: string): AggregationParser {
  return (body, source) => {
    const given = readValueSource(kind, body, source);
    const path = requireField(given);
    return (): ReturnType<ReturnType<AggregationParser>> => (parts) => {
      const field = numericField(parts, path, kind);
      const { json, value } = bare[kind]!(numbers(parts, path, given.missing), field);
      return { kind, json, value: () => value };
    };
  };
}

export const stats: AggregationParser = (body, source) => {
  const given = readValueSource("stats", body, source);
  const path = requireField(given);
  return () => (parts) => {
    const field = numericField(parts, path, "stats");
    const values = numbers(parts, path, given.missing);
    const count = values.length;
    const sum = sumOf(values);
    const [min, max] = [
      values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    ];
    const all: Record<string, number> = { min, max, avg: sum / count, sum };
    return {
      kind: "stats",
      json: statsJson(count, all, field),
      value: (key) => (key === "count" ? count : (all[key ?? "avg"] ?? Number.NaN)),
    };
  };
};

function statsJson(count: number, all: Record<string, number>, field: Field | undefined): Record<string, unknown> {
  if (count === 0) return { count, min: null, max: null, avg: null, sum: double(0) };
  const json = { count, ...Object.fromEntries(Object.entries(all).map(([key, value]) => [key, double(value)])) };
  const texts = (textOf: (value: number) => unknown) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [`${key}_as_string`, textOf(value)]));
  if (field?.type === "boolean") return { ...json, ...texts((value) => value !== 0) };
  if (field?.type !== "date") return json;
  const format = String(field.params.format ?? defaultFormat);
  return { ...json, ...texts((value) => formatDate(Math.trunc(value), format)) };
}

/** Counts values, or distinct values. */
function counting(
  kind: string,
  count: (values: readonly (string | number)[]) => number,
  extra = {},
): AggregationParser {
  return (body, source) => {
    const given = readValueSource(kind, body, source, extra);
    const path = requireField(given);
    return () => (parts) => {
      mappedField(parts, path);
      const values = valuesOf(parts, path, given.missing === undefined ? [] : [given.missing]);
      const value = count(values);
      return { kind, json: { value }, value: () => value } satisfies Result;
    };
  };
}

export const valueCount = counting("value_count", (values) => values.length);
export const cardinality = counting("cardinality", (values) => new Set(values).size, {
  precision_threshold: (value: Node) => void intValue(value),
});
