import { afterAll, beforeAll, expect, test } from "vitest";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { historyEndpoints } from "../../src/http/history/endpoints.ts";
import { libraryEndpoints } from "../../src/http/library/endpoints.ts";
import type { Costly } from "../../src/http/queryLimits.ts";
import type { Source } from "../../src/http/responseCacheTypes.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { readerId } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables, shelve } from "./readModelTables.ts";

// The declared source rows of an answer: a change of other rows does not affect it.

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let endpoints: readonly Endpoint[];
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
  await createReadModelTables(pool);
  const never = async () => {
    throw new Error("a query sent a command");
  };
  endpoints = [
    ...shelfEndpoints({ handleCommand: never, bookExists: never, capacity: 1 }, pool),
    ...historyEndpoints({ handleCommand: never, bookExists: never }, pool),
    ...libraryEndpoints(pool),
  ];
  for (const number of [1, 2, 3]) await catalogue(pool, bookIdOf(number), BigInt(number));
  for (const number of [1, 3]) {
    const row = [readerId, bookIdOf(number), number];
    await pool.query("INSERT INTO history_v1.history_books VALUES ($1, $2, $3, now())", row);
  }
  for (const number of [2, 3, 4]) await shelve(pool, readerId, bookIdOf(number), BigInt(number));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The sources that are known before there is an answer, and those of the answer; each as text. */
async function sourcesOf(
  path: string,
  params: Record<string, string>,
  query: Record<string, string> = {},
  reader = readerId,
) {
  let costly: Costly | undefined;
  const seen: { before: string[]; after: string[]; costly: Costly | undefined }[] = [];
  await endpoints
    .find((endpoint) => endpoint.method === "get" && endpoint.path === path)
    ?.run({
      params,
      query,
      body: {},
      readerId: reader,
      requestId: "test",
      isHead: false,
      address: () => "127.0.0.1",
      origin: "http://localhost",
      waitFor: async () => "current",
      areLive: async () => true,
      onSideEffect: () => {},
      headers: {},
      queryLimits(response) {
        costly = response.costly;
        return (work) => work();
      },
      responseCache: {
        async get({ sources, make }) {
          seen.push({ before: sources.map(textOf), after: (await make()).sources.map(textOf), costly });
          return { json: Buffer.from("{}"), etag: "", consistency: "current" };
        },
      },
    });
  return seen[0];
}
const textOf = ({ readModel, key = "*", maxAgeMs }: Source) =>
  `${readModel} ${key}${maxAgeMs === undefined ? "" : ` ${maxAgeMs} ms`}`;

/** A reader without books. */
const empty = "01890a5d-ac96-774b-bcce-b302099a8059";
const category = { id: categoryId("published", "古典") };
const shown = (readModel: string, ...numbers: number[]) =>
  numbers.map((number) => `${readModel} ${bookIdOf(number)} 2000 ms`);

test("a category's page by update names the books in it, whose shelves it counts", async () => {
  expect(await sourcesOf("/v1/categories/{id}/books", category, { limit: "2" })).toEqual({
    before: ["library *", "collected * 2000 ms"],
    after: ["library *", ...shown("collected", 3, 2)],
    costly: "list",
  });
});

test("a category's page by shelves may change with every book that is shelved", async () => {
  const whole = ["library *", "collected * 2000 ms"];
  expect(await sourcesOf("/v1/categories/{id}/books", category, { order: "collected" })).toEqual({
    before: whole,
    after: whole,
    costly: "list",
  });
});

test("a shelf is exact in itself and names the books in it; sorted by title or searched, all titles", async () => {
  const shelf = [`shelf ${readerId}`];
  const places = [`places ${readerId}`, `rounds ${readerId}`];
  const own = [...shelf, "library * 2000 ms", ...places];
  const whole = [...own, `preferences ${readerId}`, "featured * 2000 ms"];
  const mine = { before: whole, after: own, costly: undefined };
  expect(await sourcesOf("/v1/shelf", {})).toEqual({
    ...mine,
    after: [...shelf, ...shown("library", 4, 3, 2), ...places],
  });
  expect(await sourcesOf("/v1/shelf", {}, { sort: "title" })).toEqual(mine);
  expect(await sourcesOf("/v1/shelf", {}, { q: "红" })).toEqual(mine);
});

test("an empty shelf is made of what is recommended; one that is searched in vain is not", async () => {
  const places = [`places ${empty}`, `rounds ${empty}`];
  const own = [`shelf ${empty}`, "library * 2000 ms", ...places];
  const whole = [...own, `preferences ${empty}`, "featured * 2000 ms"];
  expect(await sourcesOf("/v1/shelf", {}, {}, empty)).toEqual({ before: whole, after: whole, costly: undefined });
  expect(await sourcesOf("/v1/shelf", {}, { q: "红" }, empty)).toMatchObject({ after: own });
  expect(await sourcesOf("/v1/shelf", {}, { group: "none" }, empty)).toMatchObject({
    after: [`shelf ${empty}`, ...places],
  });
});

test("a history names the books in it; searched, all titles", async () => {
  const whole = [`history ${readerId}`, "library * 2000 ms"];
  expect(await sourcesOf("/v1/history", {})).toEqual({
    before: whole,
    costly: undefined,
    after: [`history ${readerId}`, ...shown("library", 3, 1)],
  });
  expect(await sourcesOf("/v1/history", {}, { q: "红" })).toMatchObject({ after: whole });
});

test("the categories count books, the newest books are exact, and a book is found by its key", async () => {
  const of = (source: string, costly?: Costly) => ({ before: [source], after: [source], costly });
  expect(await sourcesOf("/v1/categories", {})).toEqual(of("library * 2000 ms", "list"));
  expect(await sourcesOf("/v1/books", {})).toEqual(of("library *", "list"));
  expect(await sourcesOf("/v1/books/{bookId}", { bookId: bookIdOf(1) })).toEqual(of(`library ${bookIdOf(1)}`));
});
