import { phrase, tags } from "./documents.ts";
import type { Random } from "./random.ts";

type Json = Record<string, unknown>;

const texts = ["title", "title.bi", "title.ac", "intro", "plain", "plain.folded", "plain.grams", "by.text"];
const keywords = ["tags", "title.kw", "by.name", "code"];
const numbers = ["hot", "rate", "words", "small"];

/** A short text to search for. */
const words = (random: Random) => phrase(random, 3);
const maybe = (random: Random, part: Json, probability = 0.2): Json => (random.chance(probability) ? part : {});
const boost = (random: Random) => maybe(random, { boost: random.pick([0, 0.3, 1.5, 2, 7]) }, 0.15);
const minimum = (random: Random) =>
  maybe(random, { minimum_should_match: random.pick([1, 2, -1, "50%", "-30%", "2<70%", "3<-1 5<50%", "100%"]) }, 0.25);

/** A random query; `depth` is the maximum further nesting. */
export function query(random: Random, depth = 2): Json {
  const leaves = [
    match,
    match,
    phraseQuery,
    multiMatch,
    multiMatch,
    term,
    terms,
    range,
    exists,
    prefix,
    ids,
    matchAll,
    boolPrefix,
    fuzzy,
  ];
  const nested = [bool, bool, bool, disMax, constantScore, boosting, functionScore];
  return random.pick(depth > 0 && random.chance(0.45) ? nested : leaves)(random, depth);
}

function match(random: Random): Json {
  const field = random.pick([...texts, ...texts, "tags", "title.kw", "nope"]);
  if (random.chance(0.3)) return { match: { [field]: words(random) } };
  const fuzziness = maybe(random, { fuzziness: random.pick(["AUTO", 1, 0]) }, 0.1);
  const body = {
    query: words(random),
    ...maybe(random, { operator: random.pick(["and", "or", "AND"]) }),
    ...minimum(random),
    ...boost(random),
    ...fuzziness,
  };
  return {
    match: {
      [field]: {
        ...body,
        ...maybe(random, { zero_terms_query: "all" }, 0.1),
        ...maybe(random, { analyzer: "zh_bi" }, 0.05),
      },
    },
  };
}

function phraseQuery(random: Random): Json {
  const kind = random.pick(["match_phrase", "match_phrase", "match_phrase_prefix"]);
  const slop = maybe(random, { slop: random.pick([1, 2, 5]) }, 0.25);
  return { [kind]: { [random.pick(texts)]: { query: words(random), ...slop, ...boost(random) } } };
}

function boolPrefix(random: Random): Json {
  return { match_bool_prefix: { [random.pick(["title", "plain"])]: { query: words(random), ...minimum(random) } } };
}

function fuzzy(random: Random): Json {
  return {
    fuzzy: {
      plain: {
        value: random.pick(["helo", "wrld", "dragn", "剑", "bok"]),
        ...maybe(random, { fuzziness: 1 }),
      },
    },
  };
}

function multiMatch(random: Random): Json {
  const fields = random.some(1, 4, () => random.pick(texts) + random.pick(["", "", "^2", "^0.3"]));
  const type = random.pick(["best_fields", "best_fields", "most_fields", "phrase", "phrase_prefix", "bool_prefix"]);
  const tie = maybe(random, { tie_breaker: random.pick([0.3, 0.7, 1]) });
  return {
    multi_match: {
      query: words(random),
      fields,
      type,
      ...tie,
      ...maybe(random, { operator: "and" }),
      ...minimum(random),
      ...boost(random),
    },
  };
}

function term(random: Random): Json {
  if (random.chance(0.2)) return { term: { [random.pick(numbers)]: random.pick([0, 1, 1.5, 500, "2"]) } };
  if (random.chance(0.2)) return { term: { visible: { value: random.chance(0.5), ...boost(random) } } };
  if (random.chance(0.3)) return { term: { [random.pick(texts)]: random.pick(["剑", "hello", "斗破", "the", "h"]) } };
  return { term: { [random.pick(keywords)]: { value: random.pick([...tags, "x"]), ...boost(random) } } };
}

const terms = (random: Random): Json => ({
  terms: {
    [random.pick(["tags", "by.name", "title"])]: random.some(1, 3, () => random.pick([...tags, "剑", "x"])),
    ...boost(random),
  },
});

function range(random: Random): Json {
  const side = () => random.pick(["gte", "gt", "lte", "lt"]);
  if (random.chance(0.3))
    return {
      range: {
        updated: {
          [side()]: random.pick(["2020", "2021-06", "2021-06-15", "2024-03||-1d/d", 1577836800000]),
          ...boost(random),
        },
      },
    };
  if (random.chance(0.2))
    return { range: { [random.pick(["tags", "title.kw"])]: { [side()]: random.pick(["a", "c", "玄"]) } } };
  return {
    range: {
      [random.pick(numbers)]: {
        [side()]: random.pick([0, 1, 1.5, 500, -2, "3"]),
        [side()]: random.pick([2, 2000, 99.25]),
      },
    },
  };
}

const exists = (random: Random): Json => ({
  exists: { field: random.pick(["title", "tags", "hot", "by", "by.name", "nope", "code", "intro"]), ...boost(random) },
});
const prefix = (random: Random): Json => ({
  [random.pick(["prefix", "wildcard"])]: {
    [random.pick(["title.kw", "tags", "plain"])]: {
      value: random.pick(["斗", "h", "b*", "?剑", "玄"]),
      ...boost(random),
    },
  },
});
const ids = (random: Random): Json => ({ ids: { values: random.some(1, 5, () => String(1 + random.below(60))) } });
const matchAll = (random: Random): Json => (random.chance(0.9) ? { match_all: boost(random) } : { match_none: {} });

function bool(random: Random, depth: number): Json {
  const clauses = (most: number) => random.some(1, most, () => query(random, depth - 1));
  return {
    bool: {
      ...maybe(random, { must: clauses(2) }, 0.45),
      ...maybe(random, { should: clauses(4) }, 0.65),
      ...maybe(random, { filter: clauses(2) }, 0.4),
      ...maybe(random, { must_not: clauses(2) }, 0.2),
      ...minimum(random),
      ...boost(random),
    },
  };
}

function disMax(random: Random, depth: number): Json {
  const queries = random.some(1, 4, () => query(random, depth - 1));
  return {
    dis_max: { queries, ...maybe(random, { tie_breaker: random.pick([0, 0.2, 0.5, 1]) }, 0.5), ...boost(random) },
  };
}

const constantScore = (random: Random, depth: number): Json => ({
  constant_score: { filter: query(random, depth - 1), ...boost(random) },
});

function boosting(random: Random, depth: number): Json {
  return {
    boosting: {
      positive: query(random, depth - 1),
      negative: query(random, 0),
      negative_boost: random.pick([0.2, 0.5]),
    },
  };
}

function functionScore(random: Random, depth: number): Json {
  const factor = () => ({
    field_value_factor: {
      field: random.pick(["hot", "rate", "words"]),
      missing: random.pick([0, 1]),
      modifier: random.pick(["none", "log1p", "log2p", "ln1p", "sqrt", "square"]),
      ...maybe(random, { factor: 1.2 }),
    },
  });
  const one = () => (random.chance(0.5) ? factor() : { weight: random.pick([0.5, 2, 3]) });
  const modes = {
    ...maybe(random, { boost_mode: random.pick(["sum", "multiply", "replace", "avg", "max", "min"]) }, 0.7),
    ...maybe(random, { max_boost: 5 }),
    ...maybe(random, { min_score: 0.5 }, 0.1),
  };
  const functions = () =>
    random.some(1, 3, () => ({
      ...one(),
      ...maybe(random, { filter: query(random, 0) }, 0.6),
      ...maybe(random, { weight: 2 }),
    }));
  const several = () => ({
    functions: functions(),
    ...maybe(random, { score_mode: random.pick(["first", "avg", "max", "sum", "min", "multiply"]) }, 0.7),
  });
  return {
    function_score: {
      query: query(random, depth - 1),
      ...(random.chance(0.5) ? factor() : several()),
      ...modes,
      ...boost(random),
    },
  };
}
