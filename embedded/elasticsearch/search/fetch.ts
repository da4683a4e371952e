import { defaultFormat, formatDate, parseDate } from "../documents/dates.ts";
import { highlightHit } from "../highlight/highlight.ts";
import { type Value, valuesAt } from "../index/column.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import { matchingPaths } from "../indices/lookup.ts";
import type { Field } from "../indices/mapping.ts";
import { illegalArgument } from "../json/failure.ts";
import { type Node, plain } from "../json/node.ts";
import { double, float } from "../json/numbers.ts";
import { parseJson } from "../json/parse.ts";
import { Source } from "../json/source.ts";
import type { Target } from "../queries/context.ts";
import { fielddataDisabled } from "../queries/scoreFunctions.ts";
import { documents } from "../scoring/execute.ts";
import type { Query } from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import type { Hit } from "./best.ts";
import type { SearchRequest } from "./request.ts";
import type { Sorter } from "./sort.ts";
import { filteredSource, wholeSource } from "./sourceFilter.ts";

/** Builds the JSON of the hits in one index. `query` is the query to highlight. */
export function hitWriter(
  request: SearchRequest,
  target: Target,
  sorters: readonly Sorter[],
  scored: boolean,
  query: Query | undefined,
): (hit: Hit) => Record<string, unknown> {
  const asked = request.source ?? (request.storedFields ? { ...wholeSource, enabled: false } : wholeSource);
  const docValues = docValueReaders(request.docValueFields, target);
  return (hit) => {
    const { document, version, seqNo } = target.snapshot.stored(hit.doc);
    const json: Record<string, unknown> = { _index: target.index };
    if (!request.hideIds) json._id = document.id;
    if (request.version) json._version = version;
    if (request.seqNo) Object.assign(json, { _seq_no: seqNo, _primary_term: 1 });
    json._score = scored ? float(hit.score) : null;
    if (document.ignored.length > 0 && !request.hideIds) json._ignored = document.ignored;
    json._source = filteredSource(document.source, asked);
    const fields = valuesOf(docValues, hit.doc);
    Object.assign(fields, fieldValues(request.fields, target.fields, document.source));
    if (Object.keys(fields).length > 0) json.fields = fields;
    const ignored = ignoredValues(request.fields, document.ignored, target.fields, document.source);
    if (Object.keys(ignored).length > 0) json.ignored_field_values = ignored;
    if (request.highlight !== undefined && query !== undefined) {
      const highlight = highlightHit(request.highlight, query, hit);
      if (Object.keys(highlight).length > 0) json.highlight = highlight;
    }
    if (sorters.length > 0) json.sort = hit.values.map((value, at) => sorters[at]!.show(value));
    const matched = matchedQueries(hit);
    if (matched.length > 0) json.matched_queries = matched;
    return json;
  };
}

function matchedQueries({ target, doc }: Hit): string[] {
  if (target.named.length === 0) return [];
  const names = target.named
    .filter(({ query }) => documents(withoutScores(query), target.snapshot).includes(doc))
    .map(({ name }) => name);
  return [...new Set(names)];
}

type Asked = SearchRequest["fields"];

/** `fields`: the values as they were sent, in the formats of their types. */
function fieldValues(asked: Asked, fields: ReadonlyMap<string, Field>, source: string): Record<string, unknown> {
  if (asked.length === 0) return {};
  const root = parseJson(new Source(source), false);
  const entries = asked.flatMap(({ pattern, format }) =>
    matchingPaths(fields, pattern).flatMap((path) => {
      const field = fields.get(path)!;
      const values = nodesAt(root, sourcePath(path, fields).split(".")).flatMap((node) => shown(node, field, format));
      return values.length === 0 ? [] : [[path, values] as const];
    }),
  );
  return Object.fromEntries(entries);
}

/** The values of the requested fields that were not indexed. */
function ignoredValues(
  asked: Asked,
  ignored: readonly string[],
  fields: ReadonlyMap<string, Field>,
  source: string,
): Record<string, unknown> {
  const paths = asked.flatMap(({ pattern }) => matchingPaths(fields, pattern)).filter((path) => ignored.includes(path));
  if (paths.length === 0) return {};
  const root = parseJson(new Source(source), false);
  return Object.fromEntries(
    paths.map((path) => {
      const values = nodesAt(root, sourcePath(path, fields).split(".")).map(plain);
      const most = fields.get(path)!.params.ignore_above;
      return [path, most === undefined ? values : values.filter((value) => String(value).length > Number(most))];
    }),
  );
}

/** The path whose values a multi-field has. */
function sourcePath(path: string, fields: ReadonlyMap<string, Field>): string {
  const parent = path.slice(0, path.lastIndexOf("."));
  return fields.has(parent) ? sourcePath(parent, fields) : path;
}

function nodesAt(node: Node, steps: readonly string[]): Node[] {
  if (node.kind === "array") return node.items.flatMap((item) => nodesAt(item, steps));
  if (steps.length === 0) return node.kind === "null" ? [] : [node];
  if (node.kind !== "object") return [];
  return node.entries.flatMap(({ key, value }) => {
    const own = key.split(".");
    return own.every((step, at) => step === steps[at]) ? nodesAt(value, steps.slice(own.length)) : [];
  });
}

function shown(node: Node, field: Field, format: string | undefined): unknown[] {
  const value = plain(node);
  if (field.type === "date") {
    const formats = String(field.params.format ?? defaultFormat);
    return [formatDate(parseDate(String(value), formats), format ?? formats)];
  }
  if (isNumber(field.type)) {
    const number = Number(value);
    return [
      isWhole(field.type) ? Math.trunc(number) : field.type === "float" ? float(Math.fround(number)) : double(number),
    ];
  }
  if (field.type === "boolean") return [value === true || value === "true"];
  const { ignore_above } = field.params;
  if (ignore_above !== undefined && String(value).length > Number(ignore_above)) return [];
  return [node.kind === "number" ? node.raw : String(value)];
}

type DocValues = { readonly path: string; read(doc: number): readonly unknown[] | undefined };

/** `docvalue_fields`: the values as they are indexed, sorted. */
function docValueReaders(asked: Asked, { fields, snapshot, index }: Target): readonly DocValues[] {
  return asked.flatMap(({ pattern, format }) =>
    matchingPaths(fields, pattern).map((path) => {
      const field = fields.get(path)!;
      if (path === pattern && field.type === "text") throw illegalArgument(fielddataDisabled(path, index));
      if (format !== undefined && field.type === "keyword")
        throw illegalArgument(`Field [${path}] of type [keyword] does not support custom formats`);
      const show = (value: Value) => docValue(value, field, format);
      return { path, read: snapshot.reader(path, (column, doc) => valuesAt(column, doc)!.map(show)) };
    }),
  );
}

function valuesOf(readers: readonly DocValues[], doc: number): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { path, read } of readers) {
    const values = read(doc);
    if (values !== undefined) found[path] = values;
  }
  return found;
}

function docValue(value: string | number, field: Field, format: string | undefined): unknown {
  if (typeof value === "string") return value;
  if (field.type === "date") return formatDate(value, format ?? String(field.params.format ?? defaultFormat));
  if (field.type === "boolean") return value === 1;
  return isWhole(field.type) ? value : double(value);
}
