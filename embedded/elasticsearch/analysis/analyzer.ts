import { cjkBigram } from "./cjkBigram.ts";
import { cjkWidth } from "./cjkWidth.ts";
import { englishStopWords, stop } from "./filters.ts";
import type { Filter } from "./registry.ts";
import { mapTerms, type Tokenizer, type Tokens } from "./token.ts";
import { keywordTokenizer, letterTokenizer, lowerCase, standardTokenizer, whitespaceTokenizer } from "./tokenizers.ts";

/** A tokenizer and its filters, in their order and with their names. */
export type Analyzer = {
  readonly name: string;
  readonly custom: boolean;
  readonly tokenizer: { readonly name: string; readonly tokenize: Tokenizer };
  readonly filters: readonly { readonly name: string; readonly filter: Filter }[];
};

export function analyze({ tokenizer, filters }: Analyzer, text: string): Tokens {
  return filters.reduce((tokens, { filter }) => filter.apply(tokens), tokenizer.tokenize(text));
}

function builtIn(name: string, tokenize: Tokenizer, ...applies: Filter["apply"][]): Analyzer {
  const filters = applies.map((apply) => ({ name, filter: { apply } }));
  return { name, custom: false, tokenizer: { name, tokenize }, filters };
}

/** Lucene's CJKAnalyzer has its own stop words: these besides Lucene's former English ones. */
const cjkStopWords =
  "a and are as at be but by for if in into is it no not of on or s such t that the their then there these they this to was will with www".split(
    " ",
  );

/** The analyzers that every index has. */
export const analyzers: Readonly<Record<string, Analyzer>> = {
  standard: builtIn("standard", standardTokenizer(), mapTerms(lowerCase)),
  default: builtIn("default", standardTokenizer(), mapTerms(lowerCase)),
  simple: builtIn("simple", letterTokenizer, mapTerms(lowerCase)),
  stop: builtIn("stop", letterTokenizer, mapTerms(lowerCase), stop(englishStopWords)),
  whitespace: builtIn("whitespace", whitespaceTokenizer),
  keyword: builtIn("keyword", keywordTokenizer),
  cjk: builtIn(
    "cjk",
    standardTokenizer(),
    mapTerms(cjkWidth),
    mapTerms(lowerCase),
    cjkBigram([], false),
    stop(cjkStopWords),
  ),
};

/** Normalizes a whole value to one term. */
export type Normalizer = (value: string) => string;

export const normalizers: Readonly<Record<string, Normalizer>> = { lowercase: lowerCase };
