import { type Answer, checkParameters, type Exchange, ok, partialJson } from "../http/exchange.ts";
import { type Cluster, checkReadable, resolve } from "../indices/cluster.ts";
import { illegalArgument } from "../json/failure.ts";
import { parsingException } from "../json/reader.ts";
import { toQuery } from "../queries/context.ts";
import { parseQuery } from "../queries/parse.ts";
import { documents } from "../scoring/execute.ts";
import { all } from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import { withAliasFilters } from "./aliasFilters.ts";
import { leniency, leniencyParameters } from "./indices.ts";
import { shards } from "./searching.ts";

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
  const parsed = partialJson(exchange);
  let query: ReturnType<typeof parseQuery> | undefined;
  if (parsed !== undefined) {
    const { root, source } = parsed;
    if (root.kind !== "object")
      throw parsingException(source, root.start, `Expected [START_OBJECT] but found [START_ARRAY]`);
    for (const { key, at, value } of root.entries) {
      if (key !== "query") throw parsingException(source, at, `request does not support [${key}]`);
      query = parseQuery(value, source);
    }
    parsed.end();
  }
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
    count: counts.reduce((sum, one) => sum + one, 0),
    _shards: { total, successful: total, skipped: 0, failed: 0 },
  });
}
