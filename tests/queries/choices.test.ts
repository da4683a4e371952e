import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { historyEndpoints } from "../../src/http/history/endpoints.ts";
import { featuredEndpoints } from "../../src/http/library/featured.ts";
import { preferencesEndpoints } from "../../src/http/preferences/endpoints.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
import { readerId, startApi } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables, shelve } from "./readModelTables.ts";

type List = { items: { bookId: string }[]; nextCursor: string | null; recommended?: { bookId: string }[] };

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
  await createReadModelTables(pool);
  const never = async () => {
    throw new Error("a query sent a command");
  };
  const deps = { handleCommand: never, bookExists: never, capacity: 1 };
  api = await startApi([
    ...shelfEndpoints(deps, pool),
    ...historyEndpoints(deps, pool),
    ...preferencesEndpoints(never, pool),
    ...featuredEndpoints(deps, pool),
  ]);
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(() =>
  pool.query(
    `DELETE FROM shelf_v4.shelf_books; DELETE FROM library_v3.books; DELETE FROM history_v1.history_books;
     DELETE FROM preferences_v1.reader_preferences; DELETE FROM preferences_v1.reader_settings;
     DELETE FROM featured_v1.featured_books`,
  ),
);

async function get<Body>(path: string): Promise<Body> {
  const response = await api.fetch(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}
const numbersOf = (books: readonly { bookId: string }[] = []) => books.map(({ bookId }) => Number(bookId.slice(4)));

describe("the history", () => {
  const opened = (number: number, visit: number, reader = readerId) =>
    pool.query("INSERT INTO history_v1.history_books VALUES ($1, $2, $3, '2026-03-01T12:00:00.5Z')", [
      reader,
      bookIdOf(number),
      visit,
    ]);
  async function walk(path: string): Promise<number[]> {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page: List = await get(`${path}${cursor === null ? "" : `&cursor=${cursor}`}`);
      seen.push(...numbersOf(page.items));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return seen;
  }

  test("has the last visit first, of this reader alone, with what the library knows", async () => {
    await catalogue(pool, bookIdOf(2), 1n);
    await opened(1, 7);
    await opened(2, 3);
    await opened(3, 8, "another reader");
    const { items, nextCursor } = await get<List>("/v1/history");
    expect(nextCursor).toBeNull();
    expect(items).toEqual([
      {
        bookId: bookIdOf(1),
        title: null,
        author: null,
        coverUrl: null,
        status: null,
        chapters: null,
        withdrawn: false,
        openedAt: "2026-03-01T12:00:00.500Z",
      },
      {
        bookId: bookIdOf(2),
        title: `书 ${bookIdOf(2)}`,
        author: "曹雪芹",
        coverUrl: null,
        status: "finished",
        chapters: 120,
        withdrawn: false,
        openedAt: "2026-03-01T12:00:00.500Z",
      },
    ]);
  });

  test("is paged, and searched by title or author", async () => {
    for (const [number, title] of ["红楼梦", "三体ＩＩ", "红与黑", "100%"].entries()) {
      await catalogue(pool, bookIdOf(number), BigInt(number), { title, title_key: titleKeyOf(title) });
      await opened(number, 10 - number);
    }
    await opened(4, 1);
    expect(await walk("/v1/history?limit=2")).toEqual([0, 1, 2, 3, 4]);
    expect(await walk(`/v1/history?limit=1&q=${encodeURIComponent("红")}`)).toEqual([0, 2]);
    expect(await walk("/v1/history?limit=1&q=ii")).toEqual([1]);
    expect(await walk("/v1/history?limit=1&q=%25")).toEqual([3]);
    expect(await walk(`/v1/history?limit=3&q=${encodeURIComponent("曹雪芹")}`)).toEqual([0, 1, 2, 3]);
    expect((await api.fetch("/v1/history?cursor=nonsense")).status).toBe(400);
  });
});

describe("preferences and settings", () => {
  test("are the defaults until the reader chooses", async () => {
    expect(await get("/v1/preferences")).toEqual({
      channel: null,
      categoryIds: [],
      progressPolicy: "ask",
      changedAt: null,
    });
    expect(await get("/v1/settings")).toEqual({
      brightness: 30,
      fontSize: 14,
      background: "B1",
      pageTurn: "T1",
      lineSpacing: 150,
      changedAt: null,
    });
  });

  test("are what the reader chose", async () => {
    const values = [readerId, "male", "c00000000001,s00000000002", "latest", "2026-03-01T12:00:00Z"];
    await pool.query("INSERT INTO preferences_v1.reader_preferences VALUES ($1, $2, $3, $4, $5)", values);
    const settings = [readerId, 99, 20, "B6", "T3", 200, "2026-03-01T12:00:00Z"];
    await pool.query("INSERT INTO preferences_v1.reader_settings VALUES ($1, $2, $3, $4, $5, $6, $7)", settings);
    const changedAt = "2026-03-01T12:00:00.000Z";
    expect(await get("/v1/preferences")).toEqual({
      channel: "male",
      categoryIds: ["c00000000001", "s00000000002"],
      progressPolicy: "latest",
      changedAt,
    });
    expect(await get("/v1/settings")).toEqual({
      brightness: 99,
      fontSize: 20,
      background: "B6",
      pageTurn: "T3",
      lineSpacing: 200,
      changedAt,
    });
  });
});

describe("featured books and an empty shelf", () => {
  const male = (category: string) => ({ channel: "male", category, category_id: categoryId("male", category) });
  const feature = (number: number, channel: string, place: number) =>
    pool.query("INSERT INTO featured_v1.featured_books VALUES ($1, $2, $3)", [bookIdOf(number), channel, place]);
  const choose = (channel: string | null, ...categoryIds: string[]) =>
    pool.query("INSERT INTO preferences_v1.reader_preferences VALUES ($1, $2, $3, 'ask', now())", [
      readerId,
      channel,
      categoryIds.join(","),
    ]);
  const recommended = async (path = "/v1/shelf") => {
    const { items, recommended } = await get<List>(path);
    expect(items).toEqual([]);
    return recommended && numbersOf(recommended);
  };

  /** Male: 0 to 7, of which the odd ones are 玄幻 and the even ones 都市; published: 8 and 9. 2 was withdrawn, 3 has no text. */
  beforeEach(async () => {
    for (let number = 0; number < 8; number++) {
      await catalogue(pool, bookIdOf(number), BigInt(number), {
        ...male(number % 2 === 1 ? "玄幻" : "都市"),
        ...(number === 5 && { sub_category: "东方", sub_category_id: categoryId("male", "玄幻", "东方") }),
        ...(number === 2 && { withdrawn_at: "2026-02-04T00:00:00Z" }),
        ...(number === 3 && { edition: null }),
      });
    }
    for (const number of [8, 9]) await catalogue(pool, bookIdOf(number), BigInt(number));
  });

  test("a channel shows what is featured there, in the order of the operators, without withdrawn books", async () => {
    for (const [place, number] of [4, 2, 9, 1].entries()) await feature(number, "male", place + 1);
    await feature(8, "published", 1);
    const shown = await get<List>("/v1/library/featured?channel=male");
    expect([numbersOf(shown.items), shown.nextCursor]).toEqual([[4, 9, 1], null]);
    expect((await get<List>("/v1/library/featured?channel=female")).items).toEqual([]);
    expect((await api.fetch("/v1/library/featured")).status).toBe(400);
  });

  test("who has chosen nothing sees what is featured anywhere, then the newest books that can be read", async () => {
    await feature(2, "male", 1);
    await feature(6, "male", 3);
    await feature(8, "published", 2);
    expect(await recommended()).toEqual([8, 6, 9, 7, 5, 4, 1, 0]);
  });

  test("a channel is kept to; categories come after what is featured, and before the rest", async () => {
    await feature(0, "male", 1);
    await feature(8, "published", 1);
    await choose("male", categoryId("male", "玄幻"));
    expect(await recommended()).toEqual([0, 7, 5, 1, 6, 4]);
    await pool.query("DELETE FROM preferences_v1.reader_preferences");
    await choose("male", categoryId("male", "玄幻", "东方"), categoryId("male", "没有"));
    expect(await recommended()).toEqual([0, 5, 7, 6, 4, 1]);
    await pool.query("DELETE FROM preferences_v1.reader_preferences");
    await choose("female");
    expect(await recommended()).toEqual([]);
  });

  test("ten at most, each once, as a listed book", async () => {
    for (let number = 10; number < 30; number++) await catalogue(pool, bookIdOf(number), BigInt(number));
    await feature(29, "published", 1);
    await choose("published", categoryId("published", "古典"));
    expect(await recommended()).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
    const [first] = (await get<List>("/v1/shelf")).recommended ?? [];
    expect(first).toMatchObject({ title: `书 ${bookIdOf(29)}`, channel: "published", edition: 2, chapters: 120 });
  });

  test("nothing is recommended beside books, nor for a group or a search without any", async () => {
    expect(await recommended("/v1/shelf?group=none")).toBeUndefined();
    expect(await recommended("/v1/shelf?q=x")).toBeUndefined();
    await shelve(pool, readerId, bookIdOf(1), 1n);
    expect(await get<List>("/v1/shelf")).not.toHaveProperty("recommended");
  });
});
