import { illegalArgument } from "../json/failure.ts";
import { text } from "../json/node.ts";
import { parsingException } from "../json/reader.ts";
import { newCommon, readCommon, readFieldQuery, withCommon } from "./common.ts";
import type { QueryParser } from "./context.ts";
import { fieldQuery } from "./fieldQuery.ts";
import { finished, newDraft, readText } from "./textParameters.ts";

const takes = [
  "query",
  "operator",
  "minimum_should_match",
  "analyzer",
  "zero_terms_query",
  "lenient",
  "fuzziness",
  "prefix_length",
  "max_expansions",
  "fuzzy_transpositions",
  "fuzzy_rewrite",
  "auto_generate_synonyms_phrase_query",
];

/** Matches any or all of the words of a text. */
export const match: QueryParser = (body, source) => {
  const common = newCommon();
  const draft = newDraft("match");
  const short: Parameters<typeof readFieldQuery>[3] = (value) => {
    if (value.kind === "array")
      throw illegalArgument(`Expected text at ${source.at(value.start)} but found START_ARRAY`);
    if (value.kind === "null") return;
    draft.given = true;
    draft.query = text(value)!;
  };
  const shown = (field: string) => ({ match: { [field]: { query: draft.query } } });
  let name = "";
  for (const { key } of body.entries) name = key;
  const field = readFieldQuery(source, "match", body, short, (key, value) => {
    if (value.kind === "null" && key === "query") {
      throw parsingException(source, value.start, "[match] unknown token [VALUE_NULL] after [query]");
    }
    return readText(draft, takes, key, value, source) || readCommon(common, key, value, () => shown(name));
  });
  if (field === undefined || !draft.given)
    throw parsingException(source, body.end - 1, "No text specified for text query");
  const options = finished(draft);
  return withCommon(common, (target) => fieldQuery("match", field, options, target));
};
