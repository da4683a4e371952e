import { computeAll } from "../aggregations/aggregation.ts";
import { typedKeys } from "../aggregations/parse.ts";
import { OrderFailure } from "../aggregations/terms.ts";
import { type Answer, checkParameters, type Exchange, flag, ok, partialJson, time, whole } from "../http/exchange.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { type Cluster, checkReadable, resolve } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import {
  Failure,
  illegalArgument,
  SearchFailure,
  ShardsFailure,
  shardFailedJson,
  validationFailed,
} from "../json/failure.ts";
import type { Node } from "../json/node.ts";
import { float } from "../json/numbers.ts";
import type { Source } from "../json/source.ts";
import type { Target } from "../queries/context.ts";
import { type Hit, hitOrder } from "../search/best.ts";
import { type Collected, collect } from "../search/collect.ts";
import { hitWriter } from "../search/fetch.ts";
import { fromOf, parseRequest, sizeOf, trackTotalOf } from "../search/parseRequest.ts";
import { parseSortParameter } from "../search/parseSort.ts";
import { newRequest, type SearchRequest } from "../search/request.ts";
import { withAliasFilters } from "./aliasFilters.ts";
import { sourceOfUrl } from "./documents.ts";
import { leniency, leniencyParameters } from "./indices.ts";
import { openPit } from "./pointInTime.ts";

const parameters = [
  ...leniencyParameters,
  ..."from size sort _source _source_includes _source_excludes _source_exclude_vectors timeout track_scores track_total_hits version seq_no_primary_term typed_keys request_cache preference routing search_type batched_reduce_size pre_filter_shard_size max_concurrent_shard_requests ccs_minimize_roundtrips allow_partial_search_results rest_total_hits_as_int stored_fields docvalue_fields ignore_throttled explain".split(
    " ",
  ),
];

type Searched = { readonly index: Index; readonly snapshot: Snapshot };

/** GET and POST /_search, /{index}/_search */
export function search(cluster: Cluster, exchange: Exchange): Answer {
  const request = readSearch(exchange);
  return ok(runSearch(cluster, exchange, request));
}

/**
 * Parses the search of a request; `checkEnd` checks the text after its JSON. Throws the errors that Elasticsearch reports before
 * it opens an index.
 */
export function readSearch(exchange: Exchange, checkEnd?: (root: Node, source: Source) => void): SearchRequest {
  refuse(exchange);
  const parsed = partialJson(exchange);
  const request = parsed === undefined ? newRequest() : parseRequest(parsed.root, parsed.source);
  parsed?.end();
  if (parsed !== undefined) checkEnd?.(parsed.root, parsed.source);
  checkParameters(exchange, parameters);
  readUrl(request, exchange);
  checkRequest(request, exchange);
  return request;
}

/** Searches the indices that the path of `exchange` names; the JSON of the answer. */
export function runSearch(cluster: Cluster, exchange: Exchange, request: SearchRequest): Record<string, unknown> {
  typedKeys.wanted = flag(exchange, "typed_keys", false);
  const began = cluster.now();
  const pit = request.pit === undefined ? undefined : openPit(cluster, request.pit);
  const searched =
    pit?.parts ??
    resolve(cluster, exchange.at.index ?? "", leniency(exchange)).map(
      (index): Searched => ({ index, snapshot: index.snapshot() }),
    );
  for (const { index } of searched) checkReadable(index);
  if (pit !== undefined) breakTies(request);
  const collected = shards(cluster, searched, (target, index) =>
    collect(withAliasFilters(request, index, exchange.at.index ?? ""), target),
  );
  const failures = (pit?.failed ?? []).map((one) => shardFailedJson(one, cluster.node));
  const body = answerJson(cluster, request, collected, failures, flag(exchange, "rest_total_hits_as_int", false));
  const id = request.pit === undefined ? {} : { pit_id: request.pit.id };
  return { ...id, took: cluster.now() - began, ...body };
}

/** In a point in time a sort ends with the position of the document, unless `search_after` has none. */
function breakTies(request: SearchRequest): void {
  const { sort, searchAfter } = request;
  if (sort.length === 0 || searchAfter?.length === sort.length || sort.some(({ field }) => field === "_shard_doc"))
    return;
  request.sort = [...sort, ...parseSortParameter("_shard_doc:asc")];
}

function refuse({ query }: Exchange): void {
  for (const name of ["q", "scroll", "suggest_field", "terminate_after", "df", "analyzer", "default_operator"]) {
    if (query.has(name)) throw illegalArgument(`this server has no parameter [${name}] of a search`);
  }
}

function readUrl(request: SearchRequest, exchange: Exchange): void {
  const { query } = exchange;
  const [from, size] = [whole(exchange, "from"), whole(exchange, "size")];
  if (from !== undefined) request.from = fromOf(from);
  if (size !== undefined) request.size = sizeOf(size);
  const sort = query.get("sort");
  if (sort !== null) request.sort = parseSortParameter(sort);
  request.source = sourceOfUrl(exchange) ?? request.source;
  time(exchange, "timeout");
  request.trackScores = flag(exchange, "track_scores", request.trackScores);
  request.version = flag(exchange, "version", request.version);
  request.seqNo = flag(exchange, "seq_no_primary_term", request.seqNo);
  const total = query.get("track_total_hits");
  if (total !== null) {
    const isFlag = ["", "true", "false"].includes(total);
    request.trackTotal = trackTotalOf(isFlag ? total || "true" : String(whole(exchange, "track_total_hits")));
  }
  if (flag(exchange, "rest_total_hits_as_int", false)) request.trackTotal = Number.POSITIVE_INFINITY;
  const type = query.get("search_type");
  if (type !== null && type !== "query_then_fetch" && type !== "dfs_query_then_fetch") {
    throw illegalArgument(`No search type for [${type}]`);
  }
}

function checkRequest(request: SearchRequest, exchange: Exchange): void {
  const complaints: string[] = [];
  if (request.searchAfter !== undefined && request.from > 0)
    complaints.push("[from] parameter must be set to 0 when [search_after] is used");
  if (request.pit !== undefined && exchange.at.index !== undefined) {
    complaints.push("[indices] cannot be used with point in time. Do not specify any index with point in time.");
  }
  if (complaints.length > 0) throw validationFailed(...complaints);
}

/** Runs the search in each index; a failure there fails the search. */
export function shards<Result>(
  cluster: Cluster,
  searched: readonly Searched[],
  work: (target: Target, index: Index) => Result,
): Result[] {
  const results: Result[] = [];
  const failed: { index: string; cause: Failure }[] = [];
  for (const { index, snapshot } of searched) {
    try {
      results.push(work(index.target(snapshot), index));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed.push({ index: index.name, cause: error });
    }
  }
  if (failed.length > 0) throw new ShardsFailure(failed, cluster.node);
  return results;
}

function answerJson(
  cluster: Cluster,
  request: SearchRequest,
  collected: readonly Collected[],
  failures: readonly object[],
  asNumber: boolean,
): Record<string, unknown> {
  const [first] = collected;
  const hits = collected.flatMap(({ top }) => top).toSorted(collected.length > 1 ? merged(collected) : () => 0);
  const shown = hits.slice(request.from, request.from + request.size);
  const count = collected.reduce((sum, { total }) => sum + total, 0);
  const isSorted = (first?.sorters.length ?? 0) > 0;
  const scored = !isSorted || request.trackScores || request.sort.some(({ field }) => field === "_score");
  const best = isSorted && !request.trackScores ? null : maxScore(request, hits, first === undefined);
  const hitsJson = withFailures(cluster, collected, () => {
    const writers = new Map(
      collected.map(({ target, sorters, query }) => [target, hitWriter(request, target, sorters, scored, query)]),
    );
    return shown.map((hit) => writers.get(hit.target)!(hit));
  });
  const aggregations = withFailures(cluster, collected, () => aggregationsJson(request, collected));
  return {
    timed_out: false,
    ...(request.size === 0 &&
    request.trackTotal === Number.POSITIVE_INFINITY &&
    request.aggregations.length === 0 &&
    first !== undefined
      ? { terminated_early: false }
      : {}),
    _shards: {
      total: collected.length + failures.length,
      successful: collected.length,
      skipped: 0,
      failed: failures.length,
      ...(failures.length > 0 && { failures }),
    },
    hits: {
      ...totalJson(count, request.trackTotal, asNumber, (limit) => {
        const onlyCounts = request.size === 0 && request.aggregations.length === 0;
        return onlyCounts && collected.some((one) => one.stopsAt(limit));
      }),
      max_score: best,
      hits: hitsJson,
    },
    ...(request.aggregations.length > 0 && first !== undefined ? { aggregations } : {}),
  };
}

/** An error during the fetch is still a failure of a shard. */
function withFailures<Made>(cluster: Cluster, collected: readonly Collected[], make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (error instanceof OrderFailure) {
      throw new SearchFailure("fetch", "", error);
    }
    if (!(error instanceof Failure)) throw error;
    throw new ShardsFailure([{ index: collected[0]?.target.index ?? "", cause: error }], cluster.node);
  }
}

const merged = (collected: readonly Collected[]) => {
  const order = new Map(collected.map(({ target }, at) => [target, at]));
  const sorters = collected[0]!.sorters;
  const best = hitOrder(sorters);
  return (a: Hit, b: Hit) => {
    const result = a.target === b.target ? best(a, b) : best({ ...a, doc: 0 }, { ...b, doc: 0 });
    return result || order.get(a.target)! - order.get(b.target)!;
  };
};

function maxScore(request: SearchRequest, hits: readonly Hit[], isEmpty: boolean): unknown {
  if (isEmpty) return float(0);
  if (request.size === 0 || hits.length === 0) return null;
  return float(hits.reduce((best, { score }) => Math.max(best, score), Number.NEGATIVE_INFINITY));
}

function totalJson(
  count: number,
  track: number,
  asNumber: boolean,
  stopsAt: (limit: number) => boolean,
): Record<string, unknown> {
  if (track < 0) return {};
  if (asNumber) return { total: count };
  const isMore = count > track || (count === track && stopsAt(track));
  return { total: isMore ? { value: track, relation: "gte" } : { value: count, relation: "eq" } };
}

function aggregationsJson({ aggregations }: SearchRequest, collected: readonly Collected[]): Record<string, unknown> {
  const parts = collected.map(({ target, matched, scoreOf }) => ({ target, docs: matched, scoreOf }));
  return computeAll(aggregations, parts, typedKeys.wanted);
}
