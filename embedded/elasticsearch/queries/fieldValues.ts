import { defaultFormat, parseDateMath } from "../documents/dates.ts";
import { Bits } from "../index/bits.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import type { Field } from "../indices/mapping.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { none, type Query, term } from "../scoring/query.ts";
import type { Target } from "./context.ts";

/** Documents with a number, date or the like in an inclusive interval. `exactType` is the type of a field that must equal one value. */
export function between(field: string, low: number, high: number, exactType?: string): Query {
  return {
    k: "set",
    key: `range:${field}:${low}:${high}`,
    asksForFields: exactType !== undefined && isWhole(exactType) ? "whole" : "other",
    docs: (snapshot) => {
      const docs = new Bits(snapshot.maxDoc);
      for (const { segment, base, live } of snapshot.leaves) {
        const column = segment.column(field);
        if (column === undefined) continue;
        const { starts, values } = column;
        for (let doc = 0; doc < segment.docs.length; doc++) {
          if (live !== undefined && !live.has(doc)) continue;
          for (let at = starts[doc]!; at < starts[doc + 1]!; at++) {
            if (values[at]! >= low && values[at]! <= high) docs.add(base + doc);
          }
        }
      }
      return docs.docs();
    },
  };
}

/** The number for a query on a numeric field: NaN for a value that no document can have. */
export function queryNumber(value: string, type: string): number {
  const number = Number(value);
  if (value.trim() === "") throw new Failure("number_format_exception", "empty String");
  if (Number.isNaN(number)) throw new Failure("number_format_exception", `For input string: "${value}"`);
  if (isWhole(type)) return Number.isInteger(number) ? number : Number.NaN;
  return type === "float" ? Math.fround(number) : number;
}

/** The terms of booleans, by what they count as. */
export const booleanTerms = ["F", "T"] as const;

export function queryBoolean(value: string): number {
  if (value === "true") return 1;
  if (value === "false") return 0;
  throw illegalArgument(`Can't parse boolean value [${value}], expected [true] or [false]`);
}

/** Milliseconds; fails as date math does. */
export function queryDate(value: string, format: string, roundUp: boolean, now: number): number {
  try {
    return parseDateMath(value, format, roundUp, now);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      "parse_exception",
      `failed to parse date field [${value}] with format [${format}]: [${error.reason}]`,
      { causedBy: error },
    );
  }
}

export const formatOf = (field: Field) => String(field.params.format ?? defaultFormat);

/** The term of a keyword or text field for a value of a query. */
export function indexedTerm(field: Field, value: string, target: Target): string {
  const { normalizer } = field.params;
  if (normalizer === undefined) return value;
  return target.analysis.normalizers.get(String(normalizer))?.(value) ?? value;
}

/** Documents whose field has exactly this value, whatever the field's type. */
export function exactly(field: Field, value: string, target: Target): Query {
  const { path, type } = field;
  if (isNumber(type)) {
    const number = queryNumber(value, type);
    return Number.isNaN(number) ? none : between(path, number, number, type);
  }
  if (type === "boolean") return term(path, booleanTerms[queryBoolean(value)]!);
  if (type === "date") {
    const format = formatOf(field);
    return between(path, queryDate(value, format, false, target.now), queryDate(value, format, true, target.now));
  }
  return term(path, indexedTerm(field, value, target));
}
