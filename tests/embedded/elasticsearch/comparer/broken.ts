import type { Request } from "../player/request.ts";
import type { Random } from "./random.ts";

type Json = Record<string, unknown>;

/** JSON syntax errors, each in place of a valid part. */
const faults: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => `${text.slice(0, at)},${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}}${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}]${text.slice(at)}`,
  (text) => `${text}}`,
];

/** An invalid or unusual request. */
export function broken(random: Random, index: string, search: Json): Request {
  const path = `/${index}/_search`;
  const post = (body: unknown): Request => ({
    method: "POST",
    path,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  switch (random.below(4)) {
    case 0: {
      // Structure only: a change within a string gives another valid string.
      const text = JSON.stringify({
        query: { bool: { must: [{ term: { tags: "a" } }], boost: 1.5 } },
        size: 3,
        _source: [true, null],
      });
      const places = [...text.matchAll(/[{}[\],:]/g)].map(({ index: at }) => at);
      return post(random.pick(faults)(text, random.pick(places)));
    }
    case 1:
      return post({
        ...search,
        [random.pick(["foo", "sise", "agg", "queri"])]: random.pick<unknown>([1, "x", true, {}, [], null]),
      });
    case 2:
      return post({ query: unknownParameter(random) });
    default:
      return random.pick<Request>([
        post({ query: { [random.pick(["mach", "terms_", "bol", "x", "matchall"])]: {} } }),
        post({ sort: [{ [random.pick(["nope", "title", "hot"])]: { order: random.pick(["asc", "up"]) } }] }),
        post({ aggs: { a: { [random.pick(["term", "terms", "maxx"])]: { field: "title" } } } }),
        post({ query: { range: { words: { gte: random.pick(["abc", "", "1.5"]) } } } }),
        post({ query: { match: { words: random.pick(["abc", "1", "", "1.5"]) } } }),
        {
          method: "GET",
          path: `/${index}/_search?${random.pick(["size=x", "from=-1", "foo=1", "size=-1", "track_total_hits=x", "sort=nope", "_source=title&size=1"])}`,
        },
        { method: "POST", path: "/missing/_search", body: "{}" },
      ]);
  }
}

function unknownParameter(random: Random): Json {
  const foo = random.pick<Json>([{ foo: 1 }, { foo: "x" }, { boots: 2 }, { foo: {} }, { foo: [] }]);
  return random.pick<Json>([
    { match: { title: { query: "剑", ...foo } } },
    { match_phrase: { title: { query: "剑", ...foo } } },
    { multi_match: { query: "剑", fields: ["title"], ...foo } },
    { term: { tags: { value: "a", ...foo } } },
    { terms: { tags: ["a"], ...foo } },
    { range: { hot: { gte: 1, ...foo } } },
    { bool: { must: [], ...foo } },
    { exists: { field: "hot", ...foo } },
    { prefix: { tags: { value: "a", ...foo } } },
    { ids: { values: ["1"], ...foo } },
    { dis_max: { queries: [{ match_all: {} }], ...foo } },
    { constant_score: { filter: { match_all: {} }, ...foo } },
    { match_all: foo },
    { function_score: { query: { match_all: {} }, ...foo } },
  ]);
}
