import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pool } from "../../src/platform/postgres.ts";
import { places } from "../../src/projections/reading/places.ts";
import { viewsOf } from "../../src/projections/views.ts";
import { positionsInBook } from "../../src/queries/reading/positionsInBook.ts";
import { progressInBook } from "../../src/queries/reading/progressInBook.ts";
import { booksOnShelf } from "../../src/queries/shelf/booksOnShelf.ts";
import { readerId } from "../http/startApi.ts";
import { chapterId, readingWorld } from "./readingWorld.ts";

// A book with more devices than any reader has: a client may name a new one with every entry.

const bookId = "hongloumeng0";
const devices = 2_000;
let world: Awaited<ReturnType<typeof readingWorld>>;
beforeAll(async () => {
  world = await readingWorld();
  await world.publish(bookId, "abcd");
  await world.send("PUT", `/v1/shelf/${bookId}`);
  const entry = { entryId: randomUUID(), chapterId: chapterId("c"), offset: 60, activeSeconds: 30, deviceId: "phone" };
  await world.send("PUT", `/v1/reading/${bookId}/progress`, { ...entry, readAt: "2025-01-02T00:00:00.000Z" });
  await world.fold();
  await world.pool.query(
    `INSERT INTO ${viewsOf(places).device_places}
       (reader_id, book_id, device_id, chapter_id, chapter_no, chapter_offset, read_at, entry_id)
     SELECT $1, $2, 'device ' || n, $3, 1, 60, timestamptz '2025-01-01Z' + n * interval '1 second', gen_random_uuid()
     FROM generate_series(1, $4) AS n`,
    [readerId, bookId, chapterId("a"), devices],
  );
  await world.pool.query("ANALYZE");
});
afterAll(() => world.close());

type Plan = {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
};

/** How many rows of each table Postgres reads for the statement that a query sends. */
async function rowsRead(ask: (pool: Pool) => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const sent: { readonly text: string; readonly values: readonly unknown[] }[] = [];
  const query = (statement: (typeof sent)[number]) => {
    sent.push(statement);
    return world.pool.query({ text: statement.text, values: [...statement.values] });
  };
  await ask({ query } as unknown as Pool);
  const read: Record<string, number> = {};
  const add = (plan: Plan) => {
    const { "Relation Name": table, "Rows Removed by Filter": removed = 0 } = plan;
    const rows = (plan["Actual Rows"] + removed) * plan["Actual Loops"];
    if (table !== undefined) read[table] = (read[table] ?? 0) + rows;
    plan.Plans?.forEach(add);
  };
  for (const { text, values } of sent) {
    const explained = await world.pool.query({ text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values: [...values] });
    add(explained.rows[0]["QUERY PLAN"][0].Plan);
  }
  return read;
}

const shelf = { readerId, sort: "added", group: null, text: null, limit: 20, after: null } as const;

test.each<[string, (pool: Pool) => Promise<unknown>]>([
  ["progress", (pool) => progressInBook(pool, readerId, bookId)],
  ["the positions", (pool) => positionsInBook(pool, readerId, bookId)],
  ["the shelf", (pool) => booksOnShelf(pool, shelf)],
])("%s reads a bounded number of them", async (_, ask) => {
  const { device_places = 0, chapters = 0 } = await rowsRead(ask);
  expect(device_places).toBeGreaterThan(100);
  expect(device_places).toBeLessThan(300);
  expect(chapters).toBeLessThan(200);
});

test("the place read last is there", async () => {
  expect((await world.get(`/v1/reading/${bookId}/progress`)).body).toMatchObject({
    latest: { no: 3, deviceId: "phone" },
    furthest: { no: 3 },
  });
  const { items } = (await world.get(`/v1/reading/${bookId}/positions`)).body as unknown as {
    items: { deviceId: string }[];
  };
  expect(items).toHaveLength(20);
  expect(items[0]).toMatchObject({ deviceId: "phone" });
  expect(new Set(items.map(({ deviceId }) => deviceId)).size).toBe(20);
  expect((await world.get("/v1/shelf")).body).toMatchObject({ items: [{ bookId, unreadChapters: 1 }] });
});
