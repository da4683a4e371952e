import type { Request } from "../player/request.ts";
import { broken } from "./broken.ts";
import { phrase } from "./documents.ts";
import { query } from "./queries.ts";
import type { Random } from "./random.ts";

type Json = Record<string, unknown>;
const maybe = (random: Random, part: () => Json, probability = 0.2): Json => (random.chance(probability) ? part() : {});

/** A random request about the index. */
export function request(random: Random, index: string): Request {
  const kind = random.below(100);
  if (kind < 68) return post(`/${index}/_search`, search(random));
  if (kind < 73) return post(`/${index}/_count`, { query: query(random) });
  if (kind < 83) return analysis(random, index);
  if (kind < 93) return broken(random, index, search(random));
  return reading(random, index);
}

const post = (path: string, body: Json): Request => ({ method: "POST", path, body: JSON.stringify(body) });

/**
 * Leaves out known differences (docs/elasticsearch-differences.md): aggregations over all documents, which Elasticsearch looks up
 * despite a minimum score; what a fuzzy query marks; and which fragments of several values are dropped if there are too many.
 */
function search(random: Random): Json {
  const made = anySearch(random);
  if ("aggs" in made) delete made.min_score;
  if (/fuzz/.test(JSON.stringify(made.query ?? ""))) delete made.highlight;
  return made;
}

function anySearch(random: Random): Json {
  return {
    ...maybe(random, () => ({ query: query(random) }), 0.95),
    ...maybe(random, () => ({ size: random.pick([0, 1, 3, 20, 100]) }), 0.6),
    ...maybe(random, () => ({ from: random.below(5) }), 0.1),
    ...maybe(random, () => ({ sort: sort(random) }), 0.2),
    ...maybe(
      random,
      () => ({
        _source: random.pick([false, ["title"], ["t*", "by"], { excludes: ["intro"] }, { includes: ["by.*"] }, "hot"]),
      }),
      0.5,
    ),
    ...maybe(random, () => ({ aggs: aggregations(random, 1) }), 0.2),
    ...maybe(random, () => ({ highlight: highlight(random) }), 0.3),
    ...maybe(random, () => ({ post_filter: query(random, 0) }), 0.1),
    ...maybe(random, () => ({ track_total_hits: random.pick([true, false, 3, 100]) }), 0.15),
    ...maybe(random, () => ({ min_score: random.pick([0.5, 2]) }), 0.06),
    ...maybe(random, () => ({ version: true, seq_no_primary_term: true }), 0.1),
    ...maybe(random, () => ({ fields: ["title", "hot", "updated", "tags", "by.*"] }), 0.06),
    ...maybe(random, () => ({ docvalue_fields: ["hot", "rate", "updated", "tags", "visible", "words"] }), 0.06),
  };
}

function sort(random: Random): unknown[] {
  const one = () => {
    const field = random.pick([
      "hot",
      "rate",
      "words",
      "small",
      "updated",
      "tags",
      "title.kw",
      "visible",
      "code",
      "_score",
    ]);
    if (field === "_score") return random.pick(["_score", { _score: "asc" }]);
    const order = random.pick(["asc", "desc"]);
    return random.chance(0.4)
      ? { [field]: order }
      : {
          [field]: {
            order,
            ...maybe(random, () => ({ missing: random.pick(["_first", "_last"]) })),
            ...maybe(random, () => ({ mode: random.pick(["min", "max"]) })),
          },
        };
  };
  return random.some(1, 3, one);
}

function aggregations(random: Random, depth: number): Json {
  const metric = () => ({
    [random.pick(["min", "max", "sum", "avg", "stats", "value_count", "cardinality"])]: {
      field: random.pick(["hot", "words", "small", "updated"]),
    },
  });
  const field = () => random.pick(["tags", "tags", "by.name", "words", "small", "visible", "updated", "hot"]);
  const terms = () => ({
    terms: {
      field: field(),
      ...maybe(random, () => ({ size: random.pick([1, 2, 3]) }), 0.5),
      ...maybe(random, () => ({ order: random.pick([{ _key: "asc" }, { _key: "desc" }, { _count: "asc" }]) })),
      ...maybe(random, () => ({ min_doc_count: 2 }), 0.1),
    },
  });
  const bucket = () =>
    random.pick<() => Json>([
      terms,
      terms,
      () => ({ filter: query(random, 0) }),
      () => ({
        filters: {
          filters: { x: query(random, 0), y: query(random, 0) },
          ...maybe(random, () => ({ other_bucket: true })),
        },
      }),
      () => ({ missing: { field: field() } }),
      () => ({ global: {} }),
      () => ({
        range: { field: random.pick(["hot", "words"]), ranges: [{ to: 1 }, { from: 1, to: 500 }, { from: 500 }] },
      }),
    ])();
  const one = () => {
    if (depth === 0 || random.chance(0.3)) return metric();
    const made = bucket();
    if ("global" in made && depth < 1) return metric();
    return { ...made, ...maybe(random, () => ({ aggs: aggregations(random, 0) }), 0.4) };
  };
  return Object.fromEntries(random.some(1, 2, one).map((aggregation, at) => [`a${at}`, aggregation]));
}

function highlight(random: Random): Json {
  const options = () => ({
    ...maybe(random, () => ({ fragment_size: random.pick([10, 18, 50]) }), 0.5),
    ...maybe(random, () => ({ number_of_fragments: random.pick([0, 1, 2]) }), 0.5),
    ...maybe(random, () => ({ order: "score" })),
    ...maybe(random, () => ({ no_match_size: random.pick([5, 20]) })),
  });
  const names = random.some(1, 3, () =>
    random.pick(["title", "title.bi", "intro", "plain", "title.kw", "tags", "plain.grams"]),
  );
  return {
    type: "plain",
    fields: Object.fromEntries(names.map((name) => [name, random.chance(0.4) ? options() : {}])),
    ...options(),
    ...maybe(random, () => ({ encoder: "html" }), 0.3),
    ...maybe(random, () => ({ require_field_match: false }), 0.3),
    ...maybe(random, () => ({ pre_tags: ["<b>"], post_tags: ["</b>"] })),
  };
}

function analysis(random: Random, index: string): Request {
  const filter: unknown[] = random.some(0, 3, () =>
    random.pick<unknown>([
      "lowercase",
      "cjk_width",
      "asciifolding",
      "cjk_bigram",
      "trim",
      "stop",
      "edge_ngram",
      "ngram",
      "remove_duplicates",
      { type: "edge_ngram", min_gram: 1, max_gram: 3 },
      { type: "ngram", min_gram: 2, max_gram: 3 },
      { type: "cjk_bigram", output_unigrams: true },
      { type: "asciifolding", preserve_original: true },
      { type: "limit", max_token_count: 4 },
    ]),
  );
  // Pairs of n-grams are a known difference.
  const isGrams = (one: unknown) => JSON.stringify(one).includes("ngram");
  const isPairs = (one: unknown) => JSON.stringify(one).includes("bigram");
  if (filter.some(isGrams)) filter.splice(0, filter.length, ...filter.filter((one) => !isPairs(one)));
  const how = random.pick<Json>([
    { analyzer: random.pick(["standard", "simple", "whitespace", "stop", "keyword", "cjk", "zh_bi", "grams"]) },
    { field: random.pick(["title", "title.kw", "plain.grams", "intro"]) },
    { tokenizer: random.pick(["standard", "keyword", "whitespace"]), filter },
    { normalizer: "kw" },
  ]);
  return post(`/${index}/_analyze`, {
    ...how,
    // The beginning of a second text after a limit is a known difference.
    text:
      random.chance(0.2) && !JSON.stringify(how).includes("limit")
        ? [phrase(random), phrase(random)]
        : phrase(random, 12),
  });
}

function reading(random: Random, index: string): Request {
  const id = String(1 + random.below(60));
  const path = random.pick([
    `/${index}/_doc/${id}`,
    `/${index}/_source/${id}`,
    `/${index}/_doc/${id}?_source_includes=t*,by.name`,
    `/${index}/_doc/${id}?_source=hot`,
    `/${index}/_count`,
    `/${index}/_search?sort=hot:desc&size=3`,
    `/${index}/_search?size=2&_source=title`,
  ]);
  if (random.chance(0.2))
    return post(`/${index}/_mget`, { ids: random.some(1, 4, () => String(1 + random.below(60))) });
  return { method: path.includes("_doc") && random.chance(0.2) ? "HEAD" : "GET", path };
}
