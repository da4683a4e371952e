import { illegalArgument } from "../json/failure.ts";
import { text } from "../json/node.ts";
import { newCommon, readCommon, readFieldQuery, withCommon } from "./common.ts";
import type { QueryParser } from "./context.ts";
import { fieldQuery, type TextOptions } from "./fieldQuery.ts";
import { finished, newDraft, readText } from "./textParameters.ts";

function phraseParser(name: string, kind: TextOptions["kind"], takes: readonly string[]): QueryParser {
  return (body, source) => {
    const common = newCommon();
    const draft = newDraft(kind);
    const short: Parameters<typeof readFieldQuery>[3] = (value) => {
      if (value.kind === "array")
        throw illegalArgument(`Expected text at ${source.at(value.start)} but found START_ARRAY`);
      if (value.kind === "null") return;
      draft.given = true;
      draft.query = text(value)!;
    };
    const field = readFieldQuery(source, name, body, short, (key, value) => {
      return (
        readText(draft, takes, key, value, source) ||
        readCommon(common, key, value, () => ({ [name]: { "": { query: draft.query } } }))
      );
    });
    if (field === undefined) throw illegalArgument(`[${name}] requires fieldName`);
    if (!draft.given) throw illegalArgument(`[${name}] requires query value`);
    const options = finished(draft);
    return withCommon(common, (target) => fieldQuery(name, field, options, target));
  };
}

/** Matches the words of a text as a phrase. */
export const matchPhrase = phraseParser("match_phrase", "phrase", ["query", "analyzer", "slop", "zero_terms_query"]);

/** The same, with the last word as a prefix. */
export const matchPhrasePrefix = phraseParser("match_phrase_prefix", "phrase_prefix", [
  "query",
  "analyzer",
  "slop",
  "max_expansions",
  "zero_terms_query",
]);

/** Any of the words, the last one as a prefix. */
export const matchBoolPrefix = phraseParser("match_bool_prefix", "bool_prefix", [
  "query",
  "analyzer",
  "operator",
  "minimum_should_match",
  "fuzziness",
  "prefix_length",
  "max_expansions",
  "fuzzy_transpositions",
  "fuzzy_rewrite",
]);
