import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { libraryEndpoints } from "../../src/http/library/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { dayOf } from "../../src/projections/heat/heat.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { refreshHeat } from "../../src/projections/refreshed/heatScores.ts";
import { startApi } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables } from "./readModelTables.ts";

const logger = createLogger("test", "silent");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, logger);
  pool = createPool({ url: database.url, max: 4, service: "test", logger });
  expect(await refreshHeat(pool, now), "without a live build").toBe(false);
  await createReadModelTables(pool);
  api = await startApi(libraryEndpoints(pool));
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(() =>
  pool.query("DELETE FROM library_v3.books; DELETE FROM heat_v1.heat_days; DELETE FROM collected_v2.collected_books"),
);

const now = new Date("2026-03-31T12:00:00Z");
const today = dayOf(now);

type Listed = { items: { bookId: string; shelves?: number }[]; nextCursor: string | null };
const get = async (path: string) => {
  const response = await api.fetch(path);
  return { status: response.status, body: await response.json() };
};
/** The numbers of the books that all pages of two of a path list. */
async function listed(path: string): Promise<number[]> {
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const { status, body } = await get(`${path}limit=2${cursor === null ? "" : `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    seen.push(...(body as Listed).items.map(({ bookId }) => Number(bookId.slice(4))));
    cursor = (body as Listed).nextCursor;
  } while (cursor !== null);
  return seen;
}

/** `readers` read a book of this number this many days ago. */
async function read(number: number, readers: number, daysAgo = 0) {
  const text = "INSERT INTO heat_v1.heat_days SELECT $1, $2, 'reader-' || n FROM generate_series(1, $3) AS n";
  await pool.query(text, [bookIdOf(number), today - daysAgo, readers]);
}

const inCategory = (category: string, channel = "male") => ({
  channel,
  category,
  category_id: categoryId(channel as "male", category),
});

test("heat halves every seven days, and ends after sixty", async () => {
  await read(1, 8, 7);
  await read(2, 3, 0);
  await read(2, 2, 14);
  await read(3, 900, 60);
  await read(4, 380, 59);
  await read(5, 9, -1);
  expect(await refreshHeat(pool, now)).toBe(true);
  const { rows } = await pool.query("SELECT book_id, heat::int4 FROM heat_scores ORDER BY book_id");
  const points = rows.map(({ book_id, heat }) => [Number(book_id.slice(4)), heat]);
  expect(points).toEqual([
    [1, 4_000],
    [2, 3_500],
    [4, Math.round(380_000 * 0.5 ** (59 / 7))],
  ]);
  await pool.query("DELETE FROM heat_v1.heat_days WHERE book_id = $1", [bookIdOf(1)]);
  await refreshHeat(pool, new Date(now.getTime() + 7 * 86_400_000));
  const after = await pool.query("SELECT book_id, heat::int4 FROM heat_scores WHERE book_id <= $1", [bookIdOf(2)]);
  expect(after.rows).toEqual([{ book_id: bookIdOf(2), heat: 1_750 }]);
});

test("one process at a time refreshes", async () => {
  await read(1, 1);
  const client = await pool.connect();
  await client.query("BEGIN; SELECT pg_advisory_xact_lock(7268513401)");
  expect(await refreshHeat(pool, now)).toBe(false);
  await client.query("COMMIT");
  client.release();
  expect(await refreshHeat(pool, now)).toBe(true);
});

test("rankings are by heat, shelves, age, and of finished books, by channel and category, page by page", async () => {
  for (const n of [1, 2, 3, 4, 5]) await catalogue(pool, bookIdOf(n), BigInt(n), inCategory(n < 4 ? "玄幻" : "都市"));
  await catalogue(pool, bookIdOf(6), 6n, { ...inCategory("玄幻", "female"), status: "serialising" });
  await catalogue(pool, bookIdOf(7), 7n, { ...inCategory("玄幻"), withdrawn_at: new Date() });
  for (const [n, readers] of [
    [2, 5],
    [4, 9],
    [5, 5],
    [6, 1],
    [7, 99],
  ] as const)
    await read(n, readers);
  await refreshHeat(pool, now);
  await pool.query(
    "INSERT INTO collected_v2.collected_books VALUES ($1, 3), ($2, 8), ($3, 0)",
    [1, 3, 5].map(bookIdOf),
  );
  expect(await listed("/v1/rankings/heat?")).toEqual([4, 5, 2, 6]);
  expect(await listed("/v1/rankings/collected?")).toEqual([3, 1]);
  expect(await listed("/v1/rankings/new?")).toEqual([6, 5, 4, 3, 2, 1]);
  expect(await listed("/v1/rankings/finished?")).toEqual([4, 5, 2, 3, 1]);
  expect(await listed("/v1/rankings/heat?channel=female&")).toEqual([6]);
  expect(await listed(`/v1/rankings/finished?category=${categoryId("male", "玄幻")}&`)).toEqual([2, 3, 1]);
  expect(await listed(`/v1/categories/${categoryId("male", "玄幻")}/books?order=heat&`)).toEqual([2, 3, 1]);
  expect(await listed(`/v1/categories/${categoryId("male", "都市")}/books?order=heat&`)).toEqual([4, 5]);
  const { nextCursor } = (await get("/v1/rankings/heat?limit=1")).body as Listed;
  expect(await get(`/v1/rankings/new?cursor=${nextCursor}`)).toMatchObject({
    status: 400,
    body: { code: "invalid_request" },
  });
  expect((await get("/v1/rankings/sales")).status).toBe(400);
});

test("similar books are of the same category, by heat, without the book itself", async () => {
  for (const n of [1, 2, 3]) await catalogue(pool, bookIdOf(n), BigInt(n), inCategory("玄幻"));
  await catalogue(pool, bookIdOf(4), 4n, inCategory("都市"));
  await catalogue(pool, bookIdOf(5), 5n, { ...inCategory("玄幻"), withdrawn_at: new Date() });
  await read(1, 4);
  await read(2, 2);
  await refreshHeat(pool, now);
  const similar = async (n: number) =>
    ((await get(`/v1/books/${bookIdOf(n)}/similar`)).body as Listed).items.map(({ bookId }) => Number(bookId.slice(4)));
  expect(await similar(3)).toEqual([1, 2]);
  expect(await similar(1)).toEqual([2, 3]);
  expect(await similar(4)).toEqual([]);
  expect(await get(`/v1/books/${bookIdOf(9)}/similar`)).toMatchObject({
    status: 404,
    body: { code: "book_not_found" },
  });
});
