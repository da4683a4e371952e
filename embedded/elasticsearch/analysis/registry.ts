import { illegalArgument } from "../json/failure.ts";
import { asciiFold, asciiFolding } from "./asciiFolding.ts";
import { cjkBigram } from "./cjkBigram.ts";
import { cjkWidth } from "./cjkWidth.ts";
import { englishStopWords, limit, ngram, removeDuplicates, stop, trim } from "./filters.ts";
import { mapTerms, type TokenFilter, type Tokenizer } from "./token.ts";
import { keywordTokenizer, lowerCase, standardTokenizer, whitespaceTokenizer } from "./tokenizers.ts";

/** The parameters of a component, as index settings or an analyze request have them. */
export type Params = Readonly<Record<string, unknown>>;

/** A filter; `change` is its effect on one term, if a normalizer can use it. */
export type Filter = { readonly apply: TokenFilter; readonly change?: (term: string) => string };

/** The predefined tokenizers. */
export const tokenizers: Readonly<Record<string, Tokenizer>> = {
  standard: standardTokenizer(),
  keyword: keywordTokenizer,
  whitespace: whitespaceTokenizer,
};

const termFilter = (change: (term: string) => string): Filter => ({ apply: mapTerms(change), change });

export const filters: Readonly<Record<string, Filter>> = {
  lowercase: termFilter(lowerCase),
  cjk_width: termFilter(cjkWidth),
  asciifolding: termFilter(asciiFold),
  trim: termFilter(trim),
  stop: { apply: stop(englishStopWords) },
  remove_duplicates: { apply: removeDuplicates },
  cjk_bigram: { apply: cjkBigram([], false) },
  edge_ngram: { apply: ngram(1, 1, false, true) },
  ngram: { apply: ngram(1, 2, false, false) },
};

/** Creates a filter of a type with parameters; undefined for a type that does not exist. */
export function configuredFilter(type: string, params: Params): Filter | undefined {
  switch (type) {
    case "lowercase":
    case "cjk_width":
    case "trim":
    case "remove_duplicates":
      return filters[type];
    case "asciifolding":
      if (!boolean(params, "preserve_original")) return filters.asciifolding;
      return { apply: asciiFolding(true), change: asciiFold };
    case "stop":
      return { apply: stop(stopWords(params)) };
    case "limit":
      return { apply: limit(integer(params, "max_token_count", 1)) };
    case "cjk_bigram":
      return { apply: cjkBigram(list(params.ignored_scripts), boolean(params, "output_unigrams")) };
    case "edge_ngram":
    case "ngram":
      return { apply: grams(params, type === "edge_ngram") };
    default:
      return undefined;
  }
}

export function configuredTokenizer(type: string, params: Params): Tokenizer | undefined {
  if (type !== "standard") return tokenizers[type];
  return standardTokenizer(integer(params, "max_token_length", 255));
}

function grams(params: Params, edgeOnly: boolean): TokenFilter {
  const [min, max] = [integer(params, "min_gram", 1), integer(params, "max_gram", 2)];
  if (min < 1) throw illegalArgument("minGram must be greater than zero");
  if (min > max) throw illegalArgument("minGram must not be greater than maxGram");
  return ngram(min, max, boolean(params, "preserve_original"), edgeOnly);
}

function stopWords(params: Params): readonly string[] {
  const given = params.stopwords === undefined ? ["_english_"] : list(params.stopwords);
  return given.flatMap((word) => (word === "_english_" ? englishStopWords : word === "_none_" ? [] : [word]));
}

/** A list, or its comma-separated text. */
export function list(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(String);
  return String(value)
    .split(",")
    .map((item) => item.trim());
}

function integer(params: Params, name: string, fallback: number): number {
  const value = params[name];
  if (value === undefined) return fallback;
  if (!/^[+-]?\d+$/.test(String(value))) {
    throw illegalArgument(`Failed to parse value [${value}] for setting [${name}]`);
  }
  return Number(value);
}

function boolean(params: Params, name: string): boolean {
  const value = params[name] ?? false;
  if (String(value) !== "true" && String(value) !== "false") {
    throw illegalArgument(`Failed to parse value [${value}] as only [true] or [false] are allowed.`);
  }
  return String(value) === "true";
}
