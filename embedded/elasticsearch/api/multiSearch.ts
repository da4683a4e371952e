import { type Answer, bodyText, checkParameters, type Exchange, ok, whole } from "../http/exchange.ts";
import type { Cluster } from "../indices/cluster.ts";
import { errorBody, Failure, illegalArgument, validationFailed } from "../json/failure.ts";
import { javaText, type Node, text } from "../json/node.ts";
import { BrokenJson, brokenJson, parseJson } from "../json/parse.ts";
import { xContentException } from "../json/reader.ts";
import { Source } from "../json/source.ts";
import type { SearchRequest } from "../search/request.ts";
import { leniencyParameters } from "./indices.ts";
import { readSearch, runSearch } from "./searching.ts";

/** Parameters of the URL, for each search. */
const forEach = [...leniencyParameters, "typed_keys", "rest_total_hits_as_int", "search_type", "ignore_throttled"];
const ignored = ["pre_filter_shard_size", "max_concurrent_shard_requests", "ccs_minimize_roundtrips", "routing"];
/** Parameters of the line before each search. */
const ofHeader =
  "search_type request_cache preference routing allow_partial_search_results ignore_throttled ccs_minimize_roundtrips".split(
    " ",
  );

type Asked = { readonly exchange: Exchange; readonly request: SearchRequest };

/**
 * GET and POST /_msearch, /{index}/_msearch: one invalid search fails the request; one that fails in execution has its error among
 * the answers.
 */
export function multiSearch(cluster: Cluster, exchange: Exchange): Answer {
  checkParameters(exchange, [...forEach, ...ignored, "max_concurrent_searches"]);
  const most = whole(exchange, "max_concurrent_searches");
  if (most !== undefined && most < 1) throw illegalArgument("maxConcurrentSearchRequests must be positive");
  const body = bodyText(exchange);
  if (body === "") throw new Failure("parse_exception", "request body or source parameter is required");
  const asked = searchesIn(body, exchange);
  if (asked.length === 0) throw validationFailed("no requests added");
  const began = cluster.now();
  const responses = asked.map((one) => answerOf(cluster, one));
  return ok({ took: cluster.now() - began, responses });
}

function answerOf(cluster: Cluster, { exchange, request }: Asked): Record<string, unknown> {
  try {
    return { ...runSearch(cluster, exchange, request), status: 200 };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return errorBody(error);
  }
}

/** Pairs of lines: what to search, and the search. A last line alone is left out. */
function searchesIn(body: string, exchange: Exchange): Asked[] {
  const lines = body.split("\n");
  if (lines.pop() !== "") throw illegalArgument("The msearch request must be terminated by a newline [\n]");
  const asked: Asked[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const header = headerOf(lines[at]!, exchange);
    if (at + 1 === lines.length) break;
    const one = { ...exchange, ...header, body: lines[at + 1]! };
    if (one.body === "") throw nothing();
    asked.push({ exchange: one, request: readSearch(one, checkEnd) });
  }
  return asked;
}

function nothing(): Failure {
  const meta = { line: 1, col: 0 };
  return new Failure("parsing_exception", "Expected [START_OBJECT] but found [null]", { meta });
}

function checkEnd({ end }: Node, source: Source): void {
  const rest = source.text.slice(end);
  if (rest.trim() === "") return;
  throw xContentException(source, end + rest.search(/\S/), "Unexpected token after end of object");
}

function headerOf(line: string, { at, query }: Exchange): Pick<Exchange, "at" | "query"> {
  const own = new URLSearchParams();
  for (const name of forEach) {
    const value = query.get(name);
    if (value !== null) own.set(name, value);
  }
  let { index } = at;
  for (const { key, value } of line.trim() === "" ? [] : entriesOf(line)) {
    if (key === "index" || key === "indices") index = indicesOf(value);
    else if (ofHeader.includes(key) || leniencyParameters.includes(key)) own.set(key, text(value) ?? "");
    else throw illegalArgument(`key [${key}] is not supported in the metadata section`);
  }
  return { at: index === undefined ? {} : { index }, query: own };
}

function entriesOf(line: string) {
  const source = new Source(line);
  try {
    const root = parseJson(source);
    if (root.kind === "object") return root.entries;
  } catch (error) {
    if (!(error instanceof BrokenJson)) throw error;
    const { causedBy = brokenJson(error) } = brokenJson(error);
    throw new Failure("x_content_parse_exception", brokenJson(error).reason, { causedBy });
  }
  throw xContentException(source, 1, "Unexpected token after end of object");
}

function indicesOf(value: Node): string {
  if (value.kind === "null") throw new Failure("parse_exception", "Expected a list of strings but got null");
  if (value.kind === "array") return value.items.map(javaText).join(",");
  return javaText(value);
}
