import { type Answer, checkParameters, type Exchange, ok, partialJson } from "../http/exchange.ts";
import { type Cluster, checkReadable, resolve } from "../indices/cluster.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { parsingException } from "../json/reader.ts";
import { type Clause, toQuery } from "../queries/context.ts";
import { parseQuery } from "../queries/parse.ts";
import { documents } from "../scoring/execute.ts";
import { all } from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import { withAliasFilters } from "./aliasFilters.ts";
import { leniency, leniencyParameters } from "./indices.ts";
import { shards } from "./searching.ts";

/** The query of a count. A failure is always a parsing_exception, wrapping the cause if that is of another type. */
function queryOf(exchange: Exchange): Clause | undefined {
  const parsed = partialJson(exchange);
  if (parsed === undefined) return undefined;
  const { root, source, end } = parsed;
  if (root.kind !== "object")
    throw parsingException(source, root.start, `Expected [START_OBJECT] but found [START_ARRAY]`);
  let query: Clause | undefined;
  try {
    for (const { key, at, value } of root.entries) {
      if (key !== "query") throw parsingException(source, at, `request does not support [${key}]`);
      if (value.kind !== "object")
        throw parsingException(source, value.start, "[_na] query malformed, must start with start_object");
      query = parseQuery(value, source);
    }
    end();
  } catch (error) {
    if (!(error instanceof Failure) || error.type === "parsing_exception") throw error;
    throw parsingException(source, error.at ?? 0, "Failed to parse", error);
  }
  return query;
}

/** GET and POST /_count, /{index}/_count */
export function count(cluster: Cluster, exchange: Exchange): Answer {
  if (exchange.query.has("q")) throw illegalArgument("this server has no parameter [q] of a count");
  checkParameters(exchange, [
    ...leniencyParameters,
    "min_score",
    "preference",
    "routing",
    "terminate_after",
    "ignore_throttled",
  ]);
  const query = queryOf(exchange);
  const searched = resolve(cluster, exchange.at.index ?? "", leniency(exchange)).map((index) => ({
    index,
    snapshot: index.snapshot(),
  }));
  for (const { index } of searched) checkReadable(index);
  const counts = shards(cluster, searched, (target, index) => {
    const filtered = withAliasFilters({ query }, index, exchange.at.index ?? "");
    const made = filtered.query === undefined ? all : toQuery(filtered.query, target);
    return documents(withoutScores(made), target.snapshot).length;
  });
  const total = searched.length;
  return ok({
    ...(exchange.query.has("terminate_after") ? { terminated_early: false } : {}),
    count: counts.reduce((sum, one) => sum + one, 0),
    _shards: { total, successful: total, skipped: 0, failed: 0 },
  });
}
