import type { AnalysedQuery } from "../../domain/searchText/analyseQuery.ts";
import { allOf, anyOf, type Clause, scored, startsWith, startsWithAny } from "./dsl.ts";

/** The list that a hit belongs to. */
export type Tier = "exact" | "matches" | "recommended";

/**
 * The minimum scores. Recommended hits score less: of a query of at most 100 characters, repeated ones too, each of its 400 terms in four
 * fields scores at most 2.2 × ln(2^31) = 48 by BM25, and category, words in the intro and heat add 2,100. That is below 22,000.
 */
const minScore = { exact: 80_000, matches: 40_000 } as const;

/** The list of a hit, by its score. */
export function tierOf(score: number): Tier {
  if (score >= minScore.exact) return "exact";
  return score >= minScore.matches ? "matches" : "recommended";
}

/** 精准: exactly the name of a book or author. */
export function exactClauses({ key }: AnalysedQuery): readonly Clause[] {
  return [
    scored(90_000, { term: { titleKey: key } }),
    scored(89_000, { term: { bothKeys: key } }),
    scored(88_000, { term: { aliasKeys: key } }),
    scored(87_000, { term: { authorKey: key } }),
  ];
}

/**
 * 高匹配: near-certain matches. The kinds are ordered, and each gives all its documents the same score: within a kind the heat
 * decides.
 */
export function matchClauses(analysed: AnalysedQuery): readonly Clause[] {
  return [
    ...writtenClauses(analysed),
    ...(analysed.hasLetters ? pinyinClauses(analysed) : homophoneClauses(analysed)),
    ...nearClauses(analysed),
  ];
}

/** Parts of names in Chinese characters or letters. */
function writtenClauses({ key, text, words }: AnalysedQuery): readonly Clause[] {
  return [
    scored(68_000, startsWith("titleKey", key)),
    scored(67_000, startsWith("aliasKeys", key)),
    scored(64_000, { match_phrase: { title: text } }),
    scored(62_000, startsWith("authorKey", key)),
    scored(61_000, { match_phrase: { author: text } }),
    ...(words.length > 1 ? [scored(60_000, allOf(words.map(inTitleOrAuthor)))] : []),
  ];
}

/** Pinyin, initials, and Chinese characters mixed with either. */
function pinyinClauses({ joined, letters, syllables, han, key }: AnalysedQuery): readonly Clause[] {
  const withHan = (field: "title" | "author", clause: Clause): Clause =>
    han === "" ? clause : allOf([clause, { match: { [field]: { query: han, operator: "and" } } }]);
  const initials = letters === "" ? key : letters;
  return [
    scored(70_000, withHan("title", { terms: { "pinyin.title": joined } })),
    scored(69_000, withHan("title", { terms: { "pinyin.aliases": joined } })),
    scored(
      66_500,
      withHan(
        "title",
        anyPhrase(
          "pinyin.titleSyllables",
          syllables.map((units) => `^ ${units} $`),
        ),
      ),
    ),
    scored(66_600, withHan("title", { term: { "pinyin.titleInitials": initials } })),
    scored(65_000, withHan("title", { term: { "pinyin.aliasInitials": initials } })),
    scored(59_500, withHan("author", { terms: { "pinyin.author": joined } })),
    scored(59_000, withHan("title", startsWithAny("pinyin.title", joined))),
    scored(58_000, withHan("title", startsWith("pinyin.titleInitials", initials))),
    scored(
      57_500,
      withHan(
        "title",
        anyPhrase(
          "pinyin.titleSyllables",
          syllables.map((units) => `^ ${units}`),
        ),
      ),
    ),
    scored(57_000, withHan("title", anyPhrase("pinyin.titleSyllables", syllables))),
    scored(56_000, withHan("author", { term: { "pinyin.authorInitials": initials } })),
    scored(55_000, withHan("author", anyPhrase("pinyin.authorSyllables", syllables))),
    ...(letters.length >= fuzzyFrom ? [scored(45_000, fuzzy("pinyin.title", letters))] : []),
  ];
}

/** Homophones, which input methods suggest. A single character would match too much. */
function homophoneClauses({ joined, syllables, han }: AnalysedQuery): readonly Clause[] {
  if ([...han].length < 2) return [];
  return [
    scored(53_000, { terms: { "pinyin.title": joined } }),
    scored(52_000, { terms: { "pinyin.aliases": joined } }),
    scored(51_000, { terms: { "pinyin.author": joined } }),
    scored(50_000, anyPhrase("pinyin.titleSyllables", syllables)),
  ];
}

/** A wrong, missing, additional or swapped character. */
function nearClauses({ key, nearKeys, sortedKey }: AnalysedQuery): readonly Clause[] {
  if (nearKeys.length === 0) return [];
  return [
    scored(49_000, { term: { sortedKey } }),
    scored(48_000, { term: { nearKeys: key } }),
    scored(48_000, { terms: { titleKey: nearKeys } }),
    scored(47_000, { terms: { nearKeys } }),
  ];
}

/** The minimum length for fuzzy matches: longer words have fewer wrong neighbours. */
const fuzzyFrom = 6;

function fuzzy(field: string, letters: string): Clause {
  return { fuzzy: { [field]: { value: letters, fuzziness: letters.length >= 12 ? 2 : 1, prefix_length: 1 } } };
}

function anyPhrase(field: string, phrases: readonly string[]): Clause {
  return anyOf(phrases.map((phrase) => ({ match_phrase: { [field]: phrase } })));
}

function inTitleOrAuthor(word: string): Clause {
  return anyOf([{ match_phrase: { title: word } }, { match_phrase: { author: word } }]);
}

/**
 * 推荐: related books: of the category, with all words in the intro, or with some of the characters. Scored by BM25, in which
 * rare characters and short titles count more; heat adds little.
 */
export function recommendedClause({ key, text, words }: AnalysedQuery): Clause {
  const inIntro = allOf(words.map((word) => anyOf([{ match_phrase: { intro: word } }, inTitleOrAuthor(word)])));
  return {
    function_score: {
      query: {
        bool: {
          should: [
            scored(500, { term: { category: key } }),
            scored(500, { term: { subCategory: key } }),
            ...(words.length > 0 ? [scored(1_000, inIntro)] : []),
            { match: { title: { query: text, minimum_should_match: "2<60%" } } },
            { match: { "title.pairs": { query: text, minimum_should_match: "2<50%" } } },
            { match: { "author.pairs": { query: text, minimum_should_match: "2<70%" } } },
            { match: { intro: { query: text, minimum_should_match: "2<50%", boost: 0.5 } } },
          ],
          minimum_should_match: 1,
        },
      },
      field_value_factor: { field: "heat", modifier: "log1p", factor: 1, missing: 0 },
      boost_mode: "sum",
    },
  };
}
