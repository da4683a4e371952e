import { expect, test } from "vitest";
import { z } from "zod";
import { courseRoutes } from "../../src/http/course/courseEndpoint.ts";
import { searchRoutes } from "../../src/http/course/search.ts";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { searchEndpoints } from "../../src/http/search/endpoints.ts";
import type { Elasticsearch } from "../../src/platform/elasticsearch.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { logger } from "../projections/fixtures.ts";
import { until } from "../support/waiting.ts";
import { readerId, startApi } from "./startApi.ts";

test("while the search engine does not answer, lists and a reader's own do", async () => {
  let waiting = 0;
  const ends: (() => void)[] = [];
  const hang = () =>
    new Promise((_, reject) => {
      waiting++;
      ends.push(() => reject(new Error("closed")));
    });
  const index = { client: { search: hang, msearch: hang } as unknown as Elasticsearch, alias: "books" };
  const pool = createPool({ url: "postgres://127.0.0.1:1/none", max: 1, service: "test", logger });
  const deps = { index, recordKeyword: () => {} };
  const hotLookup = async () => () => false;
  const route = courseRoutes({ verify: async () => readerId });
  const declared = { summary: "For a test", response: z.strictObject({}), problems: [], access: "open" } as const;
  const api = await startApi([
    ...searchEndpoints({ ...deps, pool, readerOf: () => readerId }),
    ...searchRoutes(route, { ...deps, hotLookup }, pool),
    ...route({
      method: "get",
      path: "/my",
      who: "reader",
      reads: ["shelf"],
      response: z.strictObject({}),
      handle: async () => ({ body: {} }),
    }),
    queryEndpoint({ ...declared, path: "/lists", reads: ["library"], handle: async () => ({}) }),
  ]);
  const status = async (path: string) =>
    (await fetch(`${api.url}${path}`, { headers: { authorization: "token" } })).status;
  const searches = [
    "/v1/search?q=",
    "/search/tags?key_word=",
    "/search/books?key_word=",
    "/search/recommends?key_word=",
  ];
  const asked = Array.from({ length: 24 }, (_, n) => status(`${searches[n % 4]}${n}`));
  await until("searches are waiting", () => waiting === 4);
  expect(await Promise.all([status("/lists"), status("/my")])).toEqual([200, 200]);
  // Requests without a free place are refused; then none waits for one.
  let refused = 0;
  for (const one of asked) void one.then((code) => (refused += code === 503 ? 1 : 0));
  await until("the others are refused", () => refused === 20);
  expect(waiting).toBe(4);
  for (const end of ends) end();
  await Promise.all(asked);
  await pool.end();
  await api.close();
});
