import { formatDate, parseDate } from "../documents/dates.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { compareTerms } from "../index/terms.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import type { Field } from "../indices/mapping.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { double, float } from "../json/numbers.ts";
import { Raw } from "../json/write.ts";
import { shardFailure, type Target } from "../queries/context.ts";
import { formatOf } from "../queries/fieldValues.ts";
import { fielddataDisabled } from "../queries/scoreFunctions.ts";

/** One part of a sort, as in a request. */
export type SortSpec = {
  readonly field: string;
  readonly descending: boolean;
  readonly missing: string;
  readonly mode: "min" | "max" | "sum" | "avg" | "median" | undefined;
  readonly unmapped: string | undefined;
  readonly format: string | undefined;
};

/** A value to sort by; null is a missing one, which comes last or first whatever the direction. */
export type SortValue = number | string | null;

export type Sorter = {
  readonly spec: SortSpec;
  value(doc: number, score: number): SortValue;
  /** A number for the value, lower for earlier hits, if possible: cheaper to compute and compare. */
  readonly key?: (doc: number, score: number) => number;
  compare(a: SortValue, b: SortValue): number;
  /** The value as `sort` shows it. */
  show(value: SortValue): unknown;
  /** A value of `search_after`. */
  parse(value: unknown): SortValue;
};

/** The values that represent a missing integer: the largest or smallest of its type. */
const ends: Readonly<Record<string, readonly [least: string, greatest: string]>> = {
  int: ["-2147483648", "2147483647"],
  long: ["-9223372036854775808", "9223372036854775807"],
};
const endsOf = (type: string) => (["integer", "short", "byte"].includes(type) ? ends.int! : ends.long!);

/** Builds the sort for one index; throws for fields that cannot be sorted by. */
export function sorter(spec: SortSpec, target: Target): Sorter {
  if (spec.field === "_score")
    return byNumber(
      spec,
      (_, score) => score,
      (value) => float(value),
      parseNumber("_score", "float"),
    );
  if (spec.field === "_doc" || spec.field === "_shard_doc")
    return byNumber(
      spec,
      (doc) => doc,
      (value) => value,
      parseNumber("_doc", "int"),
    );
  if (spec.field === "_id") {
    throw illegalArgument(
      "Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic cluster setting: indices.id_field_data.enabled",
    );
  }
  const field = target.fields.get(spec.field) ?? unmapped(spec, target);
  if (field.type === "text") throw illegalArgument(fielddataDisabled(field.path, target.index));
  if (field.type === "keyword") return byTerm(spec, field, target);
  const whole = !isNumber(field.type) || isWhole(field.type);
  return byNumber(spec, numberOf(spec, field, target.snapshot), shower(spec, field, whole), parser(spec, field, whole));
}

function unmapped({ field, unmapped: type }: SortSpec, target: Target): Field {
  if (type === undefined) throw shardFailure(target, `No mapping found for [${field}] in order to sort on`);
  return { kind: "field", path: field, type, params: {}, fields: new Map() };
}

const isFirst = ({ missing }: SortSpec) => missing === "_first";

function byNumber(
  spec: SortSpec,
  value: (doc: number, score: number) => SortValue | undefined,
  show: (value: number) => unknown,
  parse: Sorter["parse"],
): Sorter {
  // A missing value counts as the number that sorts it first or last.
  const absent = isFirst(spec) === spec.descending ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const fill = spec.missing === "_last" || spec.missing === "_first" ? absent : Number(spec.missing);
  if (Number.isNaN(fill)) throw new Failure("number_format_exception", `For input string: "${spec.missing}"`);
  const sign = spec.descending ? -1 : 1;
  return {
    spec,
    value: (doc, score) => value(doc, score) ?? fill,
    key: (doc, score) => sign * Number(value(doc, score) ?? fill),
    compare: (a, b) => sign * (a! < b! ? -1 : a! > b! ? 1 : 0),
    show: (one) => show(Number(one)),
    parse,
  };
}

function numberOf({ mode, descending }: SortSpec, { path }: Field, snapshot: Snapshot) {
  const pick = mode ?? (descending ? "max" : "min");
  if (pick === "min" || pick === "max") {
    const all = snapshot.numbers(path, pick);
    return (doc: number) => (Number.isNaN(all[doc]!) ? undefined : all[doc]!);
  }
  return snapshot.reader(path, ({ starts, values }, doc): number => {
    const from = starts[doc]!;
    const count = starts[doc + 1]! - from;
    if (pick === "median") {
      const middle = from + (count >> 1);
      return count % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
    }
    let sum = 0;
    for (let at = from; at < from + count; at++) sum += values[at]!;
    return pick === "sum" ? sum : sum / count;
  });
}

function shower({ format }: SortSpec, field: Field, whole: boolean): (value: number) => unknown {
  if (!whole) return field.type === "float" ? (value) => float(value) : (value) => double(value);
  const formats =
    field.type === "date" ? (format ?? (field.params.format === undefined ? undefined : formatOf(field))) : undefined;
  return (value) => {
    if (!Number.isFinite(value)) return formats === undefined ? new Raw(endsOf(field.type)[value > 0 ? 1 : 0]) : null;
    if (formats !== undefined && format !== undefined) return formatDate(value, formats);
    return value;
  };
}

function parser({ field, format }: SortSpec, mapped: Field, whole: boolean): Sorter["parse"] {
  const number = parseNumber(field, !whole ? mapped.type : endsOf(mapped.type) === ends.int ? "int" : "long");
  return (value) => {
    if (mapped.type === "date" && typeof value === "string" && Number.isNaN(Number(value))) {
      try {
        return parseDate(value, format ?? formatOf(mapped));
      } catch (error) {
        throw unparsable(field, error as Failure);
      }
    }
    return number(value);
  };
}

const unparsable = (field: string, causedBy: Failure) =>
  illegalArgument(`Failed to parse search_after value for field [${field}].`, causedBy);

const boxes: Readonly<Record<string, string>> = { long: "Long", double: "Double", float: "Float", int: "Integer" };

function parseNumber(field: string, type: string): Sorter["parse"] {
  return (value) => {
    if (value === null) {
      const message = `Cannot invoke "java.lang.${boxes[type] ?? "Long"}.${type === "int" ? "int" : type}Value()" because "value" is null`;
      throw new Failure("null_pointer_exception", message, { status: 500 });
    }
    if (value === "Infinity" || value === "-Infinity") return Number(value);
    const number = Number(value);
    if (value === "" || Number.isNaN(number)) {
      throw unparsable(field, new Failure("number_format_exception", `For input string: "${String(value)}"`));
    }
    const [least, greatest] = ends[type] ?? ["", ""];
    if (value === greatest) return Number.POSITIVE_INFINITY;
    if (value === least) return Number.NEGATIVE_INFINITY;
    return type === "float" ? Math.fround(number) : number;
  };
}

function byTerm(spec: SortSpec, { path, params }: Field, target: Target): Sorter {
  const { descending, mode, missing } = spec;
  if (mode !== undefined && mode !== "min" && mode !== "max") {
    throw shardFailure(target, "we only support AVG, MEDIAN and SUM on number based fields");
  }
  const takeLast = mode === undefined ? descending : mode === "max";
  const fill = missing === "_last" || missing === "_first" ? null : missing;
  const sign = descending ? -1 : 1;
  const nulls = isFirst(spec) ? -1 : 1;
  const read = target.snapshot.reader(path, ({ starts, values, dictionary }, doc) => {
    const value = values[takeLast ? starts[doc + 1]! - 1 : starts[doc]!]!;
    return dictionary === undefined ? String(value) : dictionary.terms[value]!;
  });
  // Computed on first use: many comparisons never reach the term.
  let ranks: Int32Array | undefined;
  const rank = target.snapshot.reader(path, ({ starts, values, dictionary }, doc) => {
    ranks ??= dictionary!.ranks();
    return ranks[values[takeLast ? starts[doc + 1]! - 1 : starts[doc]!]!]!;
  });
  const absent = nulls * Number.POSITIVE_INFINITY;
  return {
    spec,
    value: (doc) => read(doc) ?? fill,
    ...(fill === null
      ? {
          key: (doc) => {
            const place = rank(doc);
            return place === undefined ? absent : sign * place;
          },
        }
      : {}),
    compare: (a, b) => {
      if (a === null || b === null) return a === b ? 0 : a === null ? nulls : -nulls;
      return sign * Math.sign(compareTerms(String(a), String(b)));
    },
    show: (value) => value,
    parse: (value) => {
      if (value === null) return null;
      const { normalizer } = params;
      return normalizer === undefined
        ? String(value)
        : target.analysis.normalizers.get(String(normalizer))!(String(value));
    },
  };
}
