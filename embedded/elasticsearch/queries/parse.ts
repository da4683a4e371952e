import { Failure, illegalArgument } from "../json/failure.ts";
import type { Entry, Node } from "../json/node.ts";
import { faultBehind } from "../json/parse.ts";
import { parsingException } from "../json/reader.ts";
import { didYouMean } from "../json/similar.ts";
import type { Source } from "../json/source.ts";
import { bool } from "./bool.ts";
import { boosting, constantScore, disMax, matchAll, matchNone } from "./compound.ts";
import type { Clause, QueryParser } from "./context.ts";
import { exists, ids } from "./documents.ts";
import { functionScore } from "./functionScore.ts";
import { match } from "./match.ts";
import { matchBoolPrefix, matchPhrase, matchPhrasePrefix } from "./matchPhrase.ts";
import { multiMatch } from "./multiMatch.ts";
import { fuzzy, prefix, wildcard } from "./patterns.ts";
import { range } from "./range.ts";
import { term, terms } from "./terms.ts";

const parsers: Readonly<Record<string, QueryParser>> = {
  bool,
  boosting,
  constant_score: constantScore,
  dis_max: disMax,
  exists,
  function_score: functionScore,
  fuzzy,
  ids,
  match,
  match_all: matchAll,
  match_bool_prefix: matchBoolPrefix,
  match_none: matchNone,
  match_phrase: matchPhrase,
  match_phrase_prefix: matchPhrasePrefix,
  multi_match: multiMatch,
  prefix,
  range,
  term,
  terms,
  wildcard,
};

/** Queries of Elasticsearch that this server does not have, for the spelling hints. */
const others =
  "combined_fields distance_feature geo_bounding_box geo_distance geo_grid geo_shape intervals knn more_like_this nested query_string regexp rule script script_score semantic simple_query_string span_containing span_field_masking span_first span_gap span_multi span_near span_not span_or span_term span_within sparse_vector terms_set weighted_tokens wrapper".split(
    " ",
  );

/** Parses `{"kind": {…}}`. Throws Elasticsearch's errors. */
export function parseQuery(node: Node, source: Source): Clause {
  if (node.kind !== "object") {
    if (node.kind === "array")
      throw new Failure("illegal_state_exception", "expected value but got [START_ARRAY]", { at: node.start });
    // Elasticsearch reads the next token before it fails.
    const fault = faultBehind(node);
    if (fault !== undefined) throw fault;
    const at = node.end + /^[\s,]*/.exec(source.text.slice(node.end))![0].length;
    throw parsingException(source, at, "[_na] query malformed, must start with start_object");
  }
  let clause: Clause | undefined;
  let name = "";
  for (const entry of node.entries) {
    if (clause !== undefined) {
      const reason = `[${name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`;
      throw parsingException(source, entry.at, reason);
    }
    name = entry.key;
    clause = parseNamed(entry, source);
  }
  if (clause !== undefined) return clause;
  const failure = illegalArgument(`query malformed, empty clause found at [${source.at(node.end - 1)}]`);
  failure.at = node.end - 1;
  throw failure;
}

function parseNamed({ key, value }: Entry, source: Source): Clause {
  if (value.kind !== "object") {
    throw parsingException(source, value.start, `[${key}] query malformed, no start_object after query name`);
  }
  const parser = Object.hasOwn(parsers, key) ? parsers[key] : undefined;
  if (parser === undefined) throw unknownQuery(source, key, value);
  return parser(value, source, (inner) => parseQuery(inner, source));
}

function unknownQuery(source: Source, key: string, value: Node): Failure {
  if (others.includes(key)) return parsingException(source, value.start, `this server has no query [${key}]`);
  const causedBy = new Failure(
    "named_object_not_found_exception",
    `[${source.at(value.start)}] unknown field [${key}]`,
  );
  const hint = didYouMean(key, [...Object.keys(parsers), ...others]);
  return parsingException(source, value.start, `unknown query [${key}]${hint}`, causedBy);
}
