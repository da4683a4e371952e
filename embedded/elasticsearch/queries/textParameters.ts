import { illegalArgument } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { booleanValue, intValue, parsingException } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { constantOf } from "./common.ts";
import type { TextOptions } from "./fieldQuery.ts";
import { type FuzzyOptions, parseFuzziness } from "./fuzzy.ts";

export type Draft = { -readonly [Key in keyof TextOptions]: TextOptions[Key] } & {
  given: boolean;
  fuzzyOptions: Omit<FuzzyOptions, "fuzziness">;
};

export function newDraft(kind: TextOptions["kind"]): Draft {
  return {
    given: false,
    query: "",
    kind,
    operator: "or",
    minimum: undefined,
    analyzer: undefined,
    zeroTerms: "none",
    lenient: false,
    slop: 0,
    maxExpansions: 50,
    fuzzy: undefined,
    fuzzyOptions: { prefixLength: 0, maxExpansions: 50, transpositions: true },
  };
}

const boolean = booleanValue;

/** The parameters of queries on text, by name; each query accepts some of them. */
const readers: Readonly<Record<string, (draft: Draft, value: Node, source: Source) => void>> = {
  query: (draft, value) => {
    draft.given = true;
    draft.query = text(value) ?? "";
  },
  operator: (draft, value) => {
    draft.operator = constantOf(text(value) ?? "", ["or", "and"], "index.query.Operator");
  },
  minimum_should_match: (draft, value) => {
    draft.minimum = text(value) ?? undefined;
  },
  analyzer: (draft, value) => {
    draft.analyzer = text(value) ?? undefined;
  },
  zero_terms_query: (draft, value, source) => {
    const name = (text(value) ?? "").toLowerCase();
    if (name !== "none" && name !== "all")
      throw parsingException(source, value.start, `Unsupported zero_terms_query value [${text(value)}]`);
    draft.zeroTerms = name;
  },
  lenient: (draft, value) => {
    draft.lenient = boolean(value);
  },
  slop: (draft, value) => {
    draft.slop = intValue(value);
  },
  fuzziness: (draft, value) => {
    draft.fuzzy = { ...draft.fuzzyOptions, fuzziness: parseFuzziness(text(value) ?? "") };
  },
  prefix_length: (draft, value) => {
    draft.fuzzyOptions.prefixLength = intValue(value);
  },
  max_expansions: (draft, value) => {
    draft.maxExpansions = intValue(value);
    draft.fuzzyOptions.maxExpansions = draft.maxExpansions;
  },
  fuzzy_transpositions: (draft, value) => {
    draft.fuzzyOptions.transpositions = boolean(value);
  },
  fuzzy_rewrite: () => {},
  auto_generate_synonyms_phrase_query: (_, value) => void boolean(value),
};

/** Reads one parameter when the query takes it. */
export function readText(draft: Draft, takes: readonly string[], key: string, value: Node, source: Source): boolean {
  if (!takes.includes(key)) return false;
  readers[key]!(draft, value, source);
  return true;
}

/** The options when all parameters are read. */
export function finished(draft: Draft): TextOptions {
  if (draft.slop < 0) throw illegalArgument("No negative slop allowed.");
  return draft.fuzzy === undefined ? draft : { ...draft, fuzzy: { ...draft.fuzzy, ...draft.fuzzyOptions } };
}
