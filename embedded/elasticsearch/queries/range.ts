import { compareTerms } from "../index/terms.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import type { Field } from "../indices/mapping.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { parsingException } from "../json/reader.ts";
import { matchNone, type Query } from "../scoring/query.ts";
import { newCommon, readCommon, requireField, severalFields, unsupported, withCommon } from "./common.ts";
import { type QueryParser, RawShardFailure, type Target } from "./context.ts";
import { between, formatOf, indexedTerm, queryBoolean, queryDate, queryNumber } from "./fieldValues.ts";
import { anyTerm } from "./patterns.ts";

type Bounds = { low?: string; lowOpen: boolean; high?: string; highOpen: boolean; format?: string; zone?: string };

export const range: QueryParser = (body, source) => {
  const common = newCommon();
  const bounds: Bounds = { lowOpen: false, highOpen: false };
  let field: string | undefined;
  for (const { key, value } of body.entries) {
    if (value.kind !== "object") {
      if (readCommon(common, key, value, () => ({ range: {} }))) continue;
      throw unsupported(source, value.start, "range", key);
    }
    if (field !== undefined) throw severalFields(source, value.start, "range", field, key);
    field = key;
    for (const parameter of value.entries) {
      if (readBound(bounds, parameter.key, parameter.value)) continue;
      if (readCommon(common, parameter.key, parameter.value, () => ({ range: {} }))) continue;
      throw unsupported(source, parameter.value.start, "range", parameter.key);
    }
  }
  const path = requireField(field);
  return withCommon(common, (target) => inRange(path, bounds, target));

  function readBound(into: Bounds, key: string, value: Node): boolean {
    if (!["gte", "gt", "lte", "lt", "format", "time_zone", "relation"].includes(key)) return false;
    const given = bound(value);
    if (key === "gte" || key === "gt") {
      into.lowOpen = key === "gt";
      setOrDelete(into, "low", given);
    } else if (key === "lte" || key === "lt") {
      into.highOpen = key === "lt";
      setOrDelete(into, "high", given);
    } else if (key === "format") {
      setOrDelete(into, "format", given);
    } else if (key === "time_zone") {
      setOrDelete(into, "zone", given);
    }
    return true;
  }

  function bound(value: Node): string | null {
    if (value.kind === "object" || value.kind === "array")
      throw parsingException(source, value.start, "a bound of [range] must be a value");
    return text(value);
  }
};

function setOrDelete(into: Bounds, key: "low" | "high" | "format" | "zone", value: string | null): void {
  if (value === null) delete into[key];
  else into[key] = value;
}

function inRange(path: string, bounds: Bounds, target: Target): Query {
  const field = target.fields.get(path);
  if (field === undefined) return matchNone;
  if (field.type === "date") return dates(field, bounds, target);
  if (isNumber(field.type)) return numbers(field, bounds);
  if (field.type === "boolean") return numbers({ ...field, type: "long" }, booleans(bounds));
  return termRange(field, bounds, target);
}

function booleans(bounds: Bounds): Bounds {
  const { low, high } = bounds;
  return {
    ...bounds,
    ...(low === undefined ? {} : { low: String(queryBoolean(low)) }),
    ...(high === undefined ? {} : { high: String(queryBoolean(high)) }),
  };
}

function numbers({ path, type }: Field, { low, lowOpen, high, highOpen }: Bounds): Query {
  const exact = (value: string) => {
    queryNumber(value, "double");
    return type === "float" ? Math.fround(Number(value)) : Number(value);
  };
  let [from, to] = [
    low === undefined ? Number.NEGATIVE_INFINITY : exact(low),
    high === undefined ? Number.POSITIVE_INFINITY : exact(high),
  ];
  if (isWhole(type)) {
    from = lowOpen ? Math.floor(from) + 1 : Math.ceil(from);
    to = highOpen ? Math.ceil(to) - 1 : Math.floor(to);
  } else {
    if (lowOpen) from = nextDouble(from, type === "float");
    if (highOpen) to = -nextDouble(-to, type === "float");
  }
  return between(path, from, to);
}

/** The next larger number of the type. */
function nextDouble(value: number, single: boolean): number {
  if (!Number.isFinite(value)) return value;
  const view = new DataView(new ArrayBuffer(8));
  if (single) {
    view.setFloat32(0, value);
    const bits = view.getInt32(0);
    if (value === 0) return 2 ** -149;
    view.setInt32(0, value > 0 ? bits + 1 : bits - 1);
    return view.getFloat32(0);
  }
  if (value === 0) return Number.MIN_VALUE;
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Missing parts of bounds are filled in: for `lte` and `gt` with the end of the period, for the others with its beginning. */
function dates(field: Field, { low, lowOpen, high, highOpen, format, zone }: Bounds, target: Target): Query {
  const formats = format ?? formatOf(field);
  const shift = zone === undefined ? 0 : zoneOffset(zone);
  const read = (value: string, roundUp: boolean) => {
    try {
      const hasZone = /Z|[+-]\d{2}:?\d{2}$/.test(value) || /^now|^-?\d{5,}$/.test(value);
      return queryDate(value, formats, roundUp, target.now) - (hasZone ? 0 : shift);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new RawShardFailure(error.type, error.reason, { causedBy: error.causedBy });
    }
  };
  const from = low === undefined ? Number.NEGATIVE_INFINITY : read(low, lowOpen) + (lowOpen ? 1 : 0);
  const to = high === undefined ? Number.POSITIVE_INFINITY : read(high, !highOpen) - (highOpen ? 1 : 0);
  return between(field.path, from, to);
}

function zoneOffset(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone) ?? [];
  if (sign === undefined) {
    if (zone === "UTC" || zone === "Z") return 0;
    throw illegalArgument(`this server knows no time zones but offsets: [${zone}]`);
  }
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)) * 60_000;
}

function termRange(field: Field, { low, lowOpen, high, highOpen }: Bounds, target: Target): Query {
  const from = low === undefined ? undefined : indexedTerm(field, low, target);
  const to = high === undefined ? undefined : indexedTerm(field, high, target);
  const key = `range:${JSON.stringify([from, lowOpen, to, highOpen])}`;
  return anyTerm(field.path, key, (term) => {
    const above = from === undefined || compareTerms(term, from) >= (lowOpen ? 1 : 0);
    const isBelow = to === undefined || compareTerms(term, to) <= (highOpen ? -1 : 0);
    return above && isBelow;
  });
}
