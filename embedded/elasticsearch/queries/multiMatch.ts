import { matchingPaths } from "../indices/lookup.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { text } from "../json/node.ts";
import { floatValue, parsingException } from "../json/reader.ts";
import { boosted, none, type Query } from "../scoring/query.ts";
import { isScalar, newCommon, readCommon, unknownToken, unsupported, withCommon } from "./common.ts";
import type { QueryParser, Target } from "./context.ts";
import { fieldQuery, type TextOptions } from "./fieldQuery.ts";
import { finished, newDraft, readText } from "./textParameters.ts";

/** Each type is a match in every field; they differ in the kind of match and in the contribution of the other fields. */
const types: Readonly<Record<string, { kind: TextOptions["kind"]; tie: number }>> = {
  best_fields: { kind: "match", tie: 0 },
  most_fields: { kind: "match", tie: 1 },
  phrase: { kind: "phrase", tie: 0 },
  phrase_prefix: { kind: "phrase_prefix", tie: 0 },
  bool_prefix: { kind: "bool_prefix", tie: 1 },
};

const takes =
  "query operator minimum_should_match analyzer zero_terms_query lenient slop fuzziness prefix_length max_expansions fuzzy_transpositions fuzzy_rewrite auto_generate_synonyms_phrase_query".split(
    " ",
  );

/** A text in several fields: the best of them counts, or all do. */
export const multiMatch: QueryParser = (body, source) => {
  const common = newCommon();
  const draft = newDraft("match");
  let fields: readonly { pattern: string; boost: number }[] = [];
  let type = "best_fields";
  let tie: number | undefined;
  let lenientGiven = false;
  for (const { key, value } of body.entries) {
    if (key === "fields") {
      const items = value.kind === "array" ? value.items : [value];
      const odd = items.find((item) => !isScalar(item));
      if (odd !== undefined) throw parsingException(source, odd.start, `[multi_match] query does not support [fields]`);
      // Of a repeated name the last counts.
      const parsed = items.map((item) => parseField(text(item)!));
      fields = [...new Map(parsed.map((field) => [field.pattern, field])).values()];
    } else if (!isScalar(value)) {
      throw unknownToken(source, value, "multi_match", key);
    } else if (key === "type") {
      type = parseType(text(value)!);
    } else if (key === "tie_breaker") {
      tie = Math.fround(floatValue(value));
    } else {
      lenientGiven ||= key === "lenient";
      const isKnown =
        readText(draft, takes, key, value, source) || readCommon(common, key, value, () => ({ multi_match: {} }));
      if (!isKnown) throw unsupported(source, value.start, "multi_match", key);
    }
  }
  if (!draft.given) throw parsingException(source, body.end - 1, "No text specified for multi_match query");
  if (draft.fuzzy !== undefined && (type === "phrase" || type === "phrase_prefix")) {
    throw parsingException(source, body.end - 1, `Fuzziness not allowed for type [${type}]`);
  }
  if (draft.slop !== 0 && type === "bool_prefix") {
    throw parsingException(source, body.end - 1, "[slop] not allowed for type [bool_prefix]");
  }
  const { kind, tie: usualTie } = types[type]!;
  const everywhere = fields.length === 0 || fields.some(({ pattern }) => pattern === "*");
  const options = { ...finished(draft), kind, lenient: lenientGiven ? draft.lenient : everywhere };
  return withCommon(common, (target) => {
    const queries = expand(fields, target).map(([path, boost]) =>
      boosted(fieldQuery("multi_match", path, options, target), boost),
    );
    return combined(queries, tie ?? usualTie);
  });
};

function combined(queries: readonly Query[], tie: number): Query {
  if (queries.length === 0) return none;
  return queries.length === 1 ? queries[0]! : { k: "dismax", queries, tie };
}

function parseField(given: string): { pattern: string; boost: number } {
  const [pattern = "", boost] = given.split("^");
  if (boost === undefined) return { pattern, boost: 1 };
  const value = Number(boost);
  if (boost === "" || Number.isNaN(value))
    throw new Failure("number_format_exception", boost === "" ? "empty String" : `For input string: "${boost}"`);
  return { pattern, boost: Math.fround(value) };
}

function parseType(name: string): string {
  if (name === "cross_fields")
    throw illegalArgument("this server does not score across fields: [multi_match] type [cross_fields]");
  if (types[name] === undefined)
    throw new Failure("parse_exception", `failed to parse [multi_match] query type [${name}]. unknown type.`);
  return name;
}

/** The fields and their boosts; by default all that support term queries. */
function expand(
  given: readonly { pattern: string; boost: number }[],
  target: Target,
): readonly (readonly [string, number])[] {
  const patterns = given.length === 0 ? [{ pattern: "*", boost: 1 }] : given;
  const boosts = new Map<string, number>();
  for (const { pattern, boost } of patterns) {
    const paths = pattern.includes("*") ? matchingPaths(target.fields, pattern) : [pattern];
    for (const path of paths) boosts.set(path, Math.fround((boosts.get(path) ?? 1) * boost));
  }
  return [...boosts].filter(([path]) => target.fields.has(path));
}
