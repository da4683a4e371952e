import { Failure, illegalArgument } from "../json/failure.ts";
import { type Entry, type ObjectNode, plain, tokenName } from "../json/node.ts";
import { parsingException } from "../json/reader.ts";
import { didYouMean } from "../json/similar.ts";
import type { Source } from "../json/source.ts";
import { parseQuery } from "../queries/parse.ts";
import type { SearchRequest } from "../search/request.ts";
import type { Aggregation, Subs } from "./aggregation.ts";
import { filter, filters, global, missing } from "./filters.ts";
import { cardinality, metric, stats, valueCount } from "./metrics.ts";
import type { AggregationParser } from "./parsers.ts";
import { range } from "./range.ts";
import { terms } from "./terms.ts";
import { topHits } from "./topHits.ts";

const parsers: Readonly<Record<string, AggregationParser>> = {
  avg: metric("avg"),
  cardinality,
  filter,
  filters,
  global,
  max: metric("max"),
  min: metric("min"),
  missing,
  range,
  stats,
  sum: metric("sum"),
  terms,
  top_hits: topHits,
  value_count: valueCount,
};

/** Aggregations of Elasticsearch that this server does not have. */
const others =
  "adjacency_matrix auto_date_histogram avg_bucket boxplot bucket_count_ks_test bucket_correlation bucket_script bucket_selector bucket_sort change_point composite cumulative_cardinality cumulative_sum date_histogram date_range derivative diversified_sampler extended_stats extended_stats_bucket frequent_item_sets geo_bounds geo_centroid geo_distance geohash_grid geotile_grid histogram inference ip_prefix ip_range max_bucket median_absolute_deviation min_bucket moving_fn moving_percentiles multi_terms nested normalize percentile_ranks percentiles percentiles_bucket random_sampler rare_terms rate reverse_nested sampler scripted_metric serial_diff significant_terms significant_text stats_bucket string_stats sum_bucket t_test top_metrics variable_width_histogram weighted_avg".split(
    " ",
  );

const leaves = new Set(["avg", "cardinality", "max", "min", "stats", "sum", "value_count", "top_hits"]);

/** Parses a search within an aggregation. */
type ParseRequest = (body: ObjectNode, source: Source) => SearchRequest;

/** Whether keys of the answer carry their types: set by the URL, after the body is read. */
export const typedKeys = { wanted: false };

/** Parses `{name: {kind: {…}, aggs: {…}, meta: {…}}}`. */
export function parseAggregations(body: ObjectNode, source: Source, request: ParseRequest): Aggregation[] {
  return body.entries.map((entry) => parseOne(entry, source, request));
}

function parseOne({ key: name, at, value }: Entry, source: Source, request: ParseRequest): Aggregation {
  if (!/^[^[\]>]+$/.test(name)) {
    const reason = `Invalid aggregation name [${name}]. Aggregation names can contain any character except '[', ']', and '>'`;
    throw parsingException(source, at, reason);
  }
  if (value.kind !== "object") {
    const reason = `Aggregation definition for [${name} starts with a [${tokenName(value)}], expected a [START_OBJECT].`;
    throw parsingException(source, value.start, reason);
  }
  let kind: string | undefined;
  let make: ReturnType<AggregationParser> | undefined;
  let subs: Subs = { all: [], typed: () => typedKeys.wanted };
  let meta: unknown;
  for (const { key, value: inner } of value.entries) {
    if (inner.kind !== "object") {
      throw parsingException(
        source,
        inner.start,
        `Expected [START_OBJECT] under [${key}], but got a [${tokenName(inner)}] in [${name}]`,
      );
    }
    if (key === "meta") meta = plain(inner);
    else if (key === "aggs" || key === "aggregations") {
      if (subs.all.length > 0)
        throw parsingException(source, inner.start, `Found two sub aggregation definitions under [${name}]`);
      subs = { ...subs, all: parseAggregations(inner, source, request) };
    } else {
      if (kind !== undefined) {
        throw parsingException(
          source,
          inner.start,
          `Found two aggregation type definitions in [${name}]: [${kind}] and [${key}]`,
        );
      }
      kind = key;
      make = parserOf(key, inner, source)(inner, source, {
        name,
        query: (node) => parseQuery(node, source),
        request: (body) => request(body, source),
      });
    }
  }
  if (kind === undefined || make === undefined) {
    throw parsingException(source, value.end - 1, `Missing definition for aggregation [${name}]`);
  }
  if (leaves.has(kind) && subs.all.length > 0) {
    throw illegalArgument(`Aggregator [${name}] of type [${kind}] cannot accept sub-aggregations`);
  }
  return { name, meta, compute: make(subs) };
}

function parserOf(kind: string, inner: ObjectNode, source: Source): AggregationParser {
  const parser = Object.hasOwn(parsers, kind) ? parsers[kind] : undefined;
  if (parser !== undefined) return parser;
  if (others.includes(kind)) throw parsingException(source, inner.start, `this server has no aggregation [${kind}]`);
  const causedBy = new Failure(
    "named_object_not_found_exception",
    `[${source.at(inner.start)}] unknown field [${kind}]`,
  );
  const hint = didYouMean(kind, [...Object.keys(parsers), ...others]);
  throw parsingException(source, inner.start, `Unknown aggregation type [${kind}]${hint}`, causedBy);
}
