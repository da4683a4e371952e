import { Bits } from "../index/bits.ts";
import type { Node } from "../json/node.ts";
import { floatValue, lastToken, parsingException, xContentException } from "../json/reader.ts";
import { didYouMean } from "../json/similar.ts";
import { documents } from "../scoring/execute.ts";
import {
  constant,
  matchAll as everything,
  isMatchNone,
  keyOf,
  matchNone as nothing,
  type Query,
  type Rescorer,
} from "../scoring/query.ts";
import { withoutScores } from "../scoring/rewrite.ts";
import { newCommon, readCommon, unsupported, withCommon } from "./common.ts";
import type { Clause, QueryParser } from "./context.ts";

/** A query without parameters of its own; Elasticsearch wraps the error of its ObjectParser. */
const bare =
  (name: string, query: Query): QueryParser =>
  (body, source) => {
    const common = newCommon();
    for (const { key, value, at } of body.entries) {
      if (readCommon(common, key, value, () => ({ [name]: {} }))) continue;
      const hint = didYouMean(key, ["boost", "_name"]);
      const causedBy = xContentException(source, at, `[${name}] unknown field [${key}]${hint}`);
      throw parsingException(source, value.start, causedBy.reason!, causedBy);
    }
    return withCommon(common, () => query);
  };

export const matchAll = bare("match_all", everything);
export const matchNone = bare("match_none", nothing);

export const constantScore: QueryParser = (body, source, inner) => {
  const common = newCommon();
  let filter: Clause | undefined;
  for (const { key, value } of body.entries) {
    if (value.kind === "array") throw parsingException(source, value.start, "unexpected token [START_ARRAY]");
    if (key === "filter" && value.kind === "object") {
      if (filter !== undefined)
        throw parsingException(source, value.start, "[constant_score] accepts only one 'filter' element.");
      filter = inner(value);
    } else if (!readCommon(common, key, value, () => ({ constant_score: {} }))) {
      throw unsupported(source, value.start, "constant_score", key);
    }
  }
  if (filter === undefined)
    throw parsingException(source, body.end - 1, "[constant_score] requires a 'filter' element");
  const given = filter;
  return withCommon(common, (target) => {
    const query = given(target);
    return isMatchNone(query) ? nothing : constant(query);
  });
};

export const disMax: QueryParser = (body, source, inner) => {
  const common = newCommon();
  let queries: Clause[] = [];
  let tie = 0;
  let given = false;
  for (const { key, value } of body.entries) {
    if (key === "queries" && (value.kind === "array" || value.kind === "object")) {
      given = true;
      const items = value.kind === "array" ? value.items : [value];
      if (items.length === 0)
        throw parsingException(source, value.end - 1, "[_na] query malformed, must start with start_object");
      queries = items.map(inner);
    } else if (key === "tie_breaker") {
      tie = Math.fround(floatValue(value));
    } else if (!readCommon(common, key, value, () => ({ dis_max: {} }))) {
      throw unsupported(source, value.start, "dis_max", key);
    }
  }
  if (!given)
    throw parsingException(source, body.end - 1, "[dis_max] requires 'queries' field with at least one clause");
  return withCommon(common, (target) => ({ k: "dismax", queries: queries.map((query) => query(target)), tie }));
};

export const boosting: QueryParser = (body, source, inner) => {
  const common = newCommon();
  const parts = new Map<string, Clause>();
  let negativeBoost = -1;
  for (const { key, value } of body.entries) {
    if ((key === "positive" || key === "negative") && value.kind === "object") parts.set(key, inner(value));
    else if (key === "negative_boost" && value.kind !== "object") negativeBoost = Math.fround(floatValue(value));
    else if (!readCommon(common, key, value, () => ({ boosting: {} })))
      throw unsupported(source, value.start, "boosting", key);
  }
  const [positive, negative] = [parts.get("positive"), parts.get("negative")];
  const missing = (what: string) =>
    parsingException(source, lastToken(body as Node), `[boosting] query requires '${what}' query to be set'`);
  if (positive === undefined) throw missing("positive");
  if (negative === undefined) throw missing("negative");
  if (negativeBoost < 0) {
    throw parsingException(
      source,
      lastToken(body as Node),
      "[boosting] query requires 'negative_boost' to be set to be a positive value'",
    );
  }
  return withCommon(common, (target) => {
    const excluded = withoutScores(negative(target));
    const wanted = positive(target);
    if (isMatchNone(wanted)) return nothing;
    return {
      k: "rescore",
      key: `boosting(${negativeBoost},${keyOf(excluded)})`,
      boostsLast: true,
      query: wanted,
      beside: [],
      prepare: (snapshot): Rescorer => {
        const docs = Bits.of(documents(excluded, snapshot), snapshot.maxDoc);
        return (doc, score, boost) => Math.fround((docs.has(doc) ? score * negativeBoost : score) * boost);
      },
    };
  });
};
