import { defaultFormat, formatDate } from "../documents/dates.ts";
import type { Value } from "../index/column.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import type { Field } from "../indices/mapping.ts";
import { illegalArgument } from "../json/failure.ts";
import { type ObjectNode, text } from "../json/node.ts";
import { double } from "../json/numbers.ts";
import { type FieldReader, readObject } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { fielddataDisabled } from "../queries/scoreFunctions.ts";
import type { Part } from "./aggregation.ts";

/** The parameters of most aggregations: a field, the value for documents without one, and a format. */
export type ValueSource = { field: string | undefined; missing: string | undefined; format: string | undefined };

/** Reads an aggregation on the values of a field; `extra` are its additional parameters. */
export function readValueSource(
  name: string,
  body: ObjectNode,
  source: Source,
  extra: Readonly<Record<string, FieldReader>> = {},
): ValueSource {
  const given: ValueSource = { field: undefined, missing: undefined, format: undefined };
  readObject(source, name, body, {
    field: (value) => {
      given.field = text(value) ?? undefined;
    },
    missing: (value) => {
      given.missing = text(value) ?? undefined;
    },
    format: (value) => {
      given.format = text(value) ?? undefined;
    },
    script: () => {
      throw illegalArgument("this server has no scripts");
    },
    ...extra,
  });
  return given;
}

/** Checked after the whole request is read. */
export function requireField({ field }: ValueSource): string {
  if (field === undefined) throw illegalArgument("Required one of fields [field, script], but none were specified.");
  return field;
}

/** The field in the searched indices; undefined if none has it. Text fields have no values. */
export function mappedField(parts: readonly Part[], path: string): Field | undefined {
  for (const { target } of parts) {
    const field = target.fields.get(path);
    if (field?.type === "text") throw illegalArgument(fielddataDisabled(path, target.index));
    if (field !== undefined) return field;
  }
  return undefined;
}

/** The field of an aggregation on numbers. */
export function numericField(parts: readonly Part[], path: string, aggregation: string): Field | undefined {
  const field = mappedField(parts, path);
  if (field?.type === "keyword") {
    throw illegalArgument(`Field [${path}] of type [keyword] is not supported for aggregation [${aggregation}]`);
  }
  return field;
}

/** All values of a field in the documents, and `missing` for each that has none. */
export function valuesOf(parts: readonly Part[], path: string, missing: readonly Value[]): readonly Value[] {
  const all: Value[] = [];
  for (const { target, docs } of parts) {
    for (const doc of docs) all.push(...(target.snapshot.values(path, doc) ?? missing));
  }
  return all;
}

/** A value as a bucket's key: `key`, and `key_as_string` for dates and booleans. */
export function keyJson(value: string | number, field: Field | undefined, format?: string): Record<string, unknown> {
  if (typeof value === "string" || field === undefined) return { key: value };
  if (field.type === "boolean") return { key: value, key_as_string: value === 1 ? "true" : "false" };
  if (field.type === "date")
    return { key: value, key_as_string: formatDate(value, format ?? String(field.params.format ?? defaultFormat)) };
  return { key: isNumber(field.type) && !isWhole(field.type) ? double(value) : value };
}

/** A metric's value, with its text for dates and booleans. */
export function valueJson(name: string, value: number, field: Field | undefined): Record<string, unknown> {
  if (field?.type === "boolean") return { [name]: double(value), [`${name}_as_string`]: String(value !== 0) };
  if (field?.type !== "date") return { [name]: double(value) };
  const format = String(field.params.format ?? defaultFormat);
  return { [name]: double(value), [`${name}_as_string`]: formatDate(Math.trunc(value), format) };
}
