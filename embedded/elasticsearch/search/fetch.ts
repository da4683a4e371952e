import { defaultFormat, formatDate } from "../documents/dates.ts";
import { highlightHit } from "../highlight/highlight.ts";
import { isNumber, isWhole } from "../indices/fieldTypes.ts";
import { matchingPaths } from "../indices/lookup.ts";
import type { Field } from "../indices/mapping.ts";
import { type Node, plain } from "../json/node.ts";
import { double, float } from "../json/numbers.ts";
import { parseJson } from "../json/parse.ts";
import { Source } from "../json/source.ts";
import { documents } from "../scoring/documents.ts";
import type { Query } from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import type { Hit } from "./collect.ts";
import type { SearchRequest } from "./request.ts";
import type { Sorter } from "./sort.ts";
import { filteredSource, wholeSource } from "./sourceFilter.ts";

/** One hit of an answer. `query` is what its highlights are of. */
export function hitJson(
  hit: Hit,
  request: SearchRequest,
  sorters: readonly Sorter[],
  scored: boolean,
  query: Query | undefined,
): Record<string, unknown> {
  const { target, doc, score, values } = hit;
  const { document, version, seqNo } = target.snapshot.stored(doc);
  const asked = request.source ?? (request.storedFields ? { ...wholeSource, enabled: false } : wholeSource);
  const fields = {
    ...docValues(request.docValueFields, hit),
    ...fieldValues(request.fields, target.fields, document.source),
  };
  const matched = matchedQueries(hit);
  const highlight =
    request.highlight === undefined || query === undefined ? {} : highlightHit(request.highlight, query, hit);
  return {
    _index: target.index,
    ...(request.hideIds ? {} : { _id: document.id }),
    ...(request.version ? { _version: version } : {}),
    ...(request.seqNo ? { _seq_no: seqNo, _primary_term: 1 } : {}),
    _score: scored ? float(score) : null,
    ...(document.ignored.length > 0 ? { _ignored: document.ignored } : {}),
    _source: filteredSource(document.source, asked),
    ...(Object.keys(fields).length > 0 ? { fields } : {}),
    ...(Object.keys(highlight).length > 0 ? { highlight } : {}),
    ...(sorters.length > 0 ? { sort: sorters.map(({ show }, at) => show(values[at]!)) } : {}),
    ...(matched.length > 0 ? { matched_queries: matched } : {}),
  };
}

function matchedQueries({ target, doc }: Hit): string[] {
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
      const values = valuesAt(root, sourcePath(path, fields).split(".")).flatMap((node) => shown(node, field, format));
      return values.length === 0 ? [] : [[path, values] as const];
    }),
  );
  return Object.fromEntries(entries);
}

/** The path whose values a multi-field has. */
function sourcePath(path: string, fields: ReadonlyMap<string, Field>): string {
  const parent = path.slice(0, path.lastIndexOf("."));
  return fields.has(parent) ? sourcePath(parent, fields) : path;
}

function valuesAt(node: Node, steps: readonly string[]): Node[] {
  if (node.kind === "array") return node.items.flatMap((item) => valuesAt(item, steps));
  if (steps.length === 0) return node.kind === "null" ? [] : [node];
  if (node.kind !== "object") return [];
  return node.entries.flatMap(({ key, value }) => {
    const own = key.split(".");
    return own.every((step, at) => step === steps[at]) ? valuesAt(value, steps.slice(own.length)) : [];
  });
}

function shown(node: Node, field: Field, format: string | undefined): unknown[] {
  const value = plain(node);
  if (field.type === "date") {
    const formats = String(field.params.format ?? defaultFormat);
    const millis = typeof value === "number" ? value : Date.parse(String(value));
    return [formatDate(millis, format ?? formats)];
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

/** `docvalue_fields`: the values as they are indexed, sorted. */
function docValues(asked: Asked, { target, doc }: Hit): Record<string, unknown> {
  const entries = asked.flatMap(({ pattern, format }) =>
    matchingPaths(target.fields, pattern).flatMap((path) => {
      const field = target.fields.get(path)!;
      const values = target.snapshot.values(path, doc);
      if (values === undefined) return [];
      return [[path, values.map((value) => docValue(value, field, format))] as const];
    }),
  );
  return Object.fromEntries(entries);
}

function docValue(value: string | number, field: Field, format: string | undefined): unknown {
  if (typeof value === "string") return value;
  if (field.type === "date") return formatDate(value, format ?? String(field.params.format ?? defaultFormat));
  if (field.type === "boolean") return value === 1;
  return isWhole(field.type) ? value : double(value);
}
