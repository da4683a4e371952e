import { parseAggregations } from "../aggregations/parse.ts";
import { parseHighlight } from "../highlight/spec.ts";
import { milliseconds } from "../indices/settings.ts";
import { checkBase64 } from "../json/base64.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Node, type ObjectNode, plain, text, tokenName } from "../json/node.ts";
import { booleanValue, type FieldReader, floatValue, intValue, parsingException, readObject } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { parseQuery } from "../queries/parse.ts";
import { parseSort } from "./parseSort.ts";
import { newRequest, type RescoreSpec, type SearchRequest } from "./request.ts";
import type { SourceFilter } from "./sourceFilter.ts";

type Read = (request: SearchRequest, value: Node, source: Source) => void;

const ignored: Read = () => {};

/** The parameters of a search that are a number, text or boolean. */
const scalars: Readonly<Record<string, Read>> = {
  from: (request, value) => {
    request.from = fromOf(intValue(value));
  },
  size: (request, value) => {
    request.size = sizeOf(intValue(value));
  },
  timeout: (_, value) => void milliseconds(text(value)!, "timeout"),
  terminate_after: (_, value) => {
    if (intValue(value) !== 0) throw illegalArgument("this server has no [terminate_after]");
  },
  min_score: (request, value) => {
    request.minScore = Math.fround(floatValue(value));
  },
  version: (request, value) => {
    request.version = booleanValue(value);
  },
  seq_no_primary_term: (request, value) => {
    request.seqNo = booleanValue(value);
  },
  explain: (_, value) => refuseTrue("explain", value),
  profile: (_, value) => refuseTrue("profile", value),
  track_scores: (request, value) => {
    request.trackScores = booleanValue(value);
  },
  track_total_hits: (request, value) => {
    request.trackTotal = trackTotalOf(value.kind === "string" ? value.value : text(value)!);
  },
  _source: (request, value, source) => {
    request.source = parseSource(value, source);
  },
  sort: (request, value, source) => {
    request.sort = parseSort(value, source);
  },
  stored_fields: readStoredFields,
};

function refuseTrue(name: string, value: Node): void {
  if (booleanValue(value)) throw illegalArgument(`this server has no [${name}]`);
}

export function fromOf(value: number): number {
  if (value < 0) throw illegalArgument(`[from] parameter cannot be negative but was [${value}]`);
  return value;
}

export function sizeOf(value: number): number {
  if (value < 0) throw illegalArgument(`[size] parameter cannot be negative, found [${value}]`);
  return value;
}

export function trackTotalOf(value: string): number {
  if (value === "true") return Number.POSITIVE_INFINITY;
  if (value === "false") return -1;
  const number = Number(value);
  if (value.trim() === "" || !Number.isInteger(number))
    throw new Failure("number_format_exception", `For input string: "${value}"`);
  if (number < -1)
    throw illegalArgument(`[track_total_hits] parameter must be positive or equals to -1, got ${number}`);
  return number === -1 ? -1 : number;
}

const objects: Readonly<Record<string, Read>> = {
  query: (request, value, source) => {
    request.query = parseQuery(value, source);
  },
  post_filter: (request, value, source) => {
    request.postFilter = parseQuery(value, source);
  },
  _source: scalars._source!,
  aggregations: (request, value, source) => {
    request.aggregations = parseAggregations(value as ObjectNode, source, parseRequest);
  },
  aggs: (request, value, source) => {
    request.aggregations = parseAggregations(value as ObjectNode, source, parseRequest);
  },
  highlight: (request, value, source) => {
    request.highlight = parseHighlight(value as ObjectNode, source);
  },
  sort: scalars.sort!,
  rescore: (request, value, source) => {
    request.rescore = [parseRescore(value as ObjectNode, source)];
  },
  pit: readPit,
};

const arrays: Readonly<Record<string, Read>> = {
  stored_fields: readStoredFields,
  docvalue_fields: (request, value, source) => {
    request.docValueFields = fieldList(value, source);
  },
  fields: (request, value, source) => {
    request.fields = fieldList(value, source);
  },
  sort: scalars.sort!,
  rescore: (request, value, source) => {
    request.rescore = value.kind === "array" ? value.items.map((item) => parseRescore(item as ObjectNode, source)) : [];
  },
  stats: ignored,
  _source: scalars._source!,
  search_after: (request, value, source) => {
    if (value.kind !== "array" || value.items.length === 0)
      throw illegalArgument("Values must contains at least one value.");
    const odd = value.items.find(({ kind }) => kind === "object" || kind === "array");
    if (odd !== undefined) {
      const reason = `Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL] but found [${tokenName(odd)}] inside search_after.`;
      throw parsingException(source, odd.start, reason);
    }
    // Long numbers are kept as they were written.
    request.searchAfter = value.items.map((item) => (item.kind === "number" ? item.raw : plain(item)));
  },
};

/** Keys that Elasticsearch supports and this server does not. */
const refused = new Set(
  "suggest collapse script_fields runtime_mappings slice ext knn rank retriever indices_boost min_compatible_shard_node".split(
    " ",
  ),
);

/** Parses the body of a search. Throws parsing_exception and the like, with the location. */
export function parseRequest(root: Node, source: Source): SearchRequest {
  const request = newRequest();
  if (root.kind !== "object") {
    throw parsingException(source, root.start, `Expected [START_OBJECT] but found [${tokenName(root)}]`);
  }
  for (const { key, value } of root.entries) {
    if (refused.has(key)) throw parsingException(source, value.start, `this server has no [${key}] in a search`);
    const readers = value.kind === "object" ? objects : value.kind === "array" ? arrays : scalars;
    const read = value.kind !== "null" && Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (read === undefined) {
      throw parsingException(source, value.start, `Unknown key for a ${tokenName(value)} in [${key}].`);
    }
    read(request, value, source);
  }
  return request;
}

function parseSource(value: Node, source: Source): SourceFilter {
  switch (value.kind) {
    case "boolean":
      return { enabled: value.value, includes: [], excludes: [] };
    case "string":
      return { enabled: true, includes: [value.value], excludes: [] };
    case "array":
      return { enabled: true, includes: patterns(value, source, "_source"), excludes: [] };
    case "object": {
      const filter = { includes: [] as string[], excludes: [] as string[] };
      for (const { key, value: list } of value.entries) {
        const name = key === "include" ? "includes" : key === "exclude" ? "excludes" : key;
        if (name !== "includes" && name !== "excludes") {
          throw parsingException(source, list.start, `Unknown key for a ${tokenName(list)} in [${key}].`);
        }
        filter[name] = patterns(list, source, key);
      }
      return { enabled: true, ...filter };
    }
    default: {
      const kinds = "[VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT]";
      throw parsingException(source, value.start, `Expected one of ${kinds} but found [${tokenName(value)}]`);
    }
  }
}

function patterns(node: Node, source: Source, key: string): string[] {
  const items = node.kind === "array" ? node.items : [node];
  const found: string[] = [];
  for (const item of items) {
    const value = text(item);
    if (item.kind === "null") throw illegalArgument(`Expected text at ${source.at(item.start)} but found VALUE_NULL`);
    if (value === null) throw parsingException(source, item.start, `Unknown key for a ${tokenName(item)} in [${key}].`);
    found.push(value);
  }
  return found;
}

function fieldList(node: Node, source: Source): { pattern: string; format: string | undefined }[] {
  return (node.kind === "array" ? node.items : []).map((item) => {
    if (item.kind !== "object") return { pattern: text(item) ?? "", format: undefined };
    let pattern: string | undefined;
    let format: string | undefined;
    readObject(source, "fetch_field_and_format", item, {
      field: (value) => {
        pattern = text(value) ?? "";
      },
      format: (value) => {
        format = text(value) ?? undefined;
      },
      include_unmapped: (value) => void booleanValue(value),
    });
    if (pattern === undefined) throw illegalArgument("Required [field]");
    return { pattern, format };
  });
}

function readStoredFields(request: SearchRequest, value: Node): void {
  const names = (value.kind === "array" ? value.items : [value]).map((item) => text(item) ?? "");
  request.hideIds = names.includes("_none_");
  request.storedFields = true;
}

function readPit(request: SearchRequest, value: Node, source: Source): void {
  if (value.kind !== "object")
    throw parsingException(source, value.start, `Unknown key for a ${tokenName(value)} in [pit].`);
  let id: string | undefined;
  let keepAlive: number | undefined;
  const fields: Record<string, FieldReader> = {
    id: (node) => {
      id = text(node) ?? "";
      checkBase64(id);
    },
    keep_alive: (node) => {
      keepAlive = milliseconds(text(node) ?? "", "keep_alive");
    },
  };
  readObject(source, "pit", value, fields, { id: ["string"] });
  if (id === undefined) throw illegalArgument("point in time id is not provided");
  request.pit = { id, keepAlive };
}

const rescoreModes = ["total", "multiply", "avg", "max", "min"] as const;

function parseRescore(node: ObjectNode, source: Source): RescoreSpec {
  let window = 10;
  let query: RescoreSpec["query"] | undefined;
  let mode: RescoreSpec["mode"] = "total";
  let [queryWeight, rescoreWeight] = [1, 1];
  for (const { key, value } of node.entries) {
    if (key === "window_size") window = intValue(value);
    else if (key === "query" && value.kind === "object") {
      readObject(source, "query", value, {
        rescore_query: (inner) => {
          query = parseQuery(inner, source);
        },
        query_weight: (inner) => {
          queryWeight = Math.fround(floatValue(inner));
        },
        rescore_query_weight: (inner) => {
          rescoreWeight = Math.fround(floatValue(inner));
        },
        score_mode: (inner) => {
          const name = rescoreModes.find((one) => one === text(inner)?.toLowerCase());
          if (name === undefined) throw illegalArgument(`illegal score_mode [${text(inner)}]`);
          mode = name;
        },
      });
    } else {
      throw parsingException(source, value.start, `rescorer doesn't support [${key}]`);
    }
  }
  if (query === undefined) throw parsingException(source, node.end - 1, "missing rescore type");
  return { window, query, queryWeight, rescoreWeight, mode };
}
