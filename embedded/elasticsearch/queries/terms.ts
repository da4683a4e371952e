import { isNumber } from "../indices/fieldTypes.ts";
import { illegalArgument } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { booleanValue, parsingException } from "../json/reader.ts";
import { union } from "../scoring/documents.ts";
import { documents } from "../scoring/execute.ts";
import { all, constant, matchNone, none, type Query } from "../scoring/query.ts";
import { newCommon, readCommon, requireField, severalFields, unsupported, withCommon } from "./common.ts";
import type { QueryParser, Target } from "./context.ts";
import { byIds } from "./documents.ts";
import { between, exactly, indexedTerm, queryNumber } from "./fieldValues.ts";
import { anyTerm } from "./patterns.ts";

/** Metadata fields, which are in no mapping. */
function metaField(path: string, values: readonly string[], target: Target): Query | undefined {
  if (path === "_id") return byIds(values);
  if (path === "_index") return values.includes(target.index) ? all : matchNone;
  return undefined;
}

export const term: QueryParser = (body, source) => {
  const common = newCommon();
  let field: string | undefined;
  let value: Node | undefined;
  let ignoreCase = false;
  for (const { key, value: given } of body.entries) {
    if (given.kind === "array")
      throw parsingException(source, given.start, "[term] query does not support array of values");
    if (given.kind === "null") continue;
    if (field !== undefined) throw severalFields(source, given.start, "term", field, key);
    field = key;
    if (given.kind !== "object") {
      value = given;
      continue;
    }
    for (const parameter of given.entries) {
      const { key: name, value: set } = parameter;
      const isValue = set.kind !== "array" && set.kind !== "object";
      if (!isValue) throw unsupported(source, set.start, "term", name);
      if (name === "value" || name === "term") value = set;
      else if (name === "case_insensitive") ignoreCase = booleanValue(set);
      else if (!readCommon(common, name, set, () => ({ term: { [key]: { value: value && text(value) } } }))) {
        throw unsupported(source, set.start, "term", name);
      }
    }
  }
  const path = requireField(field);
  const wanted = value === undefined ? null : text(value);
  if (wanted === null) throw illegalArgument("value cannot be null");
  return withCommon(common, (target) => {
    const meta = metaField(path, [wanted], target);
    if (meta !== undefined) return meta.k === "set" || meta.k === "none" ? meta : constant(meta);
    const known = target.fields.get(path);
    if (known === undefined) return matchNone;
    if (!ignoreCase || known.type === "boolean" || known.type === "date" || isNumber(known.type))
      return exactly(known, wanted, target);
    const lower = indexedTerm(known, wanted, target).toLowerCase();
    return anyTerm(path, `term-i:${lower}`, (one) => one.toLowerCase() === lower);
  });
};

export const terms: QueryParser = (body, source) => {
  const common = newCommon();
  let field: string | undefined;
  let values: (string | null)[] = [];
  for (const { key, value } of body.entries) {
    if (value.kind === "object") {
      const both = `[terms] query does not support more than one field. Already got: [${field}] but also found [${key}]`;
      throw parsingException(source, value.start, field === undefined ? "this server has no lookups of [terms]" : both);
    }
    if (value.kind === "array") {
      if (field !== undefined)
        throw parsingException(source, value.start, "[terms] query does not support multiple fields");
      field = key;
      const odd = value.items.find((item) => item.kind === "null");
      if (odd !== undefined) throw parsingException(source, odd.start, "No value specified for terms query");
      values = value.items.map(text);
    } else if (!readCommon(common, key, value, () => ({ terms: {} }))) {
      throw unsupported(source, value.start, "terms", key);
    }
  }
  if (field === undefined) {
    const reason = "[terms] query requires a field name, followed by array of terms or a document lookup specification";
    throw parsingException(source, body.end - 1, reason);
  }
  const path = requireField(field);
  const wanted = values.map(String);
  return withCommon(common, (target) => oneOf(path, wanted, target));
};

/** Documents with any of the values, with a constant score. */
function oneOf(path: string, values: readonly string[], target: Target): Query {
  const meta = metaField(path, values, target);
  if (meta !== undefined) return meta;
  const field = target.fields.get(path);
  if (field === undefined || values.length === 0) return matchNone;
  const queries = isNumber(field.type)
    ? values
        .map((value) => queryNumber(value, field.type))
        .filter((value) => !Number.isNaN(value))
        .map((value) => between(path, value, value))
    : values.map((value) => exactly(field, value, target));
  if (queries.every(({ k }) => k === "none")) return none;
  const names = new Set(queries.flatMap((query) => (query.k === "term" ? query.terms : [])));
  return {
    k: "set",
    terms: { field: path, passes: (one) => names.has(one) },
    key: `terms:${path}:${JSON.stringify([...new Set(values)].toSorted())}`,
    ...(field.type === "date" ? { asksForFields: "other" as const } : {}),
    docs: (snapshot) => {
      const lists = queries.map((query) => documents(query, snapshot));
      return union(lists, snapshot);
    },
  };
}
