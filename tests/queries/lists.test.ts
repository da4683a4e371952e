import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { libraryEndpoints } from "../../src/http/library/endpoints.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { areLive, createProgressTracker } from "../../src/projections/engine/progress/tracker.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { readModels } from "../../src/projections/registry.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { newestBooks } from "../../src/queries/library/newestBooks.ts";
import { readerId, startApi } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables, shelve } from "./readModelTables.ts";

type List = { items: { bookId: string }[]; nextCursor: string | null };

/** Positions as in an old log: beyond the exact range of a Number. */
const positionOf = (number: number) => 2n ** 53n + BigInt(number);
const numbers = Array.from({ length: 250 }, (_, index) => index);

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
  api = await startApi([
    ...shelfEndpoints({ handleCommand: never, bookExists: never, capacity: 1 }, pool),
    ...libraryEndpoints(pool),
  ]);
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(() => pool.query("DELETE FROM shelf_v4.shelf_books; DELETE FROM library_v3.books"));

const get = async (path: string) => {
  const response = await api.fetch(path);
  return { status: response.status, body: await response.json() };
};

/** All pages of a list, one after the other; `between` is called before each page but the first. */
async function walk(path: string, between: (page: number) => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page === 0 || cursor !== null; page++) {
    if (page > 0) await between(page);
    const answer = await get(`${path}?limit=7${cursor === null ? "" : `&cursor=${cursor}`}`);
    const { items, nextCursor } = answer.body as List;
    expect(answer.status).toBe(200);
    seen.push(...items.map(({ bookId }) => bookId));
    cursor = nextCursor;
  }
  return seen;
}

describe("the shelf", () => {
  test("shows its books, the last added first, with what the library knows of them", async () => {
    await catalogue(pool, bookIdOf(1), 10n);
    await shelve(pool, readerId, bookIdOf(1), 20n);
    await shelve(pool, readerId, bookIdOf(2), 21n);
    await shelve(pool, "another reader", bookIdOf(3), 22n);

    const addedAt = "2026-01-01T19:04:05.678Z";
    expect(await get("/v1/shelf?sort=added")).toEqual({
      status: 200,
      body: {
        items: [
          {
            bookId: bookIdOf(2),
            title: null,
            author: null,
            coverUrl: null,
            status: null,
            chapters: null,
            addedAt,
            withdrawn: false,
            pinned: false,
            group: null,
            lastReadAt: null,
            unreadChapters: null,
            hasNewChapters: false,
          },
          {
            bookId: bookIdOf(1),
            title: `书 ${bookIdOf(1)}`,
            author: "曹雪芹",
            coverUrl: null,
            status: "finished",
            chapters: 120,
            addedAt,
            withdrawn: false,
            pinned: false,
            group: null,
            lastReadAt: null,
            unreadChapters: 120,
            hasNewChapters: false,
          },
        ],
        nextCursor: null,
      },
    });
  });

  test("that is empty has no items", async () => {
    expect(await get("/v1/shelf")).toEqual({ status: 200, body: { items: [], nextCursor: null, recommended: [] } });
  });

  test("is walked by cursor without gap or repeat while books are added and removed", async () => {
    for (const number of numbers) await shelve(pool, readerId, bookIdOf(number), positionOf(number));
    const seen = await walk("/v1/shelf", async (page) => {
      await shelve(pool, readerId, bookIdOf(1000 + page), positionOf(1000 + page));
      await pool.query("DELETE FROM shelf_v4.shelf_books WHERE book_id = $1", [bookIdOf(250 - page)]);
    });
    // Every book that was removed had been shown before.
    expect(seen).toEqual(numbers.map(bookIdOf).reverse());
  });

  test("gives 20 items unless asked, and a next page only if there is one", async () => {
    for (const number of numbers.slice(0, 20)) await shelve(pool, readerId, bookIdOf(number), positionOf(number));
    const exact = (await get("/v1/shelf")).body as List;
    expect([exact.items.length, exact.nextCursor]).toEqual([20, null]);
    await shelve(pool, readerId, bookIdOf(20), positionOf(20));
    const more = (await get("/v1/shelf")).body as List;
    expect([more.items.length, typeof more.nextCursor]).toEqual([20, "string"]);
    expect(((await get("/v1/shelf?limit=100")).body as List).items.length).toBe(21);
  });
});

describe("the library", () => {
  const shown = (number: number) => ({
    bookId: bookIdOf(number),
    title: `书 ${bookIdOf(number)}`,
    author: "曹雪芹",
    coverUrl: null,
    channel: "published",
    category: "古典",
    categoryId: categoryId("published", "古典"),
    subCategory: null,
    status: "finished",
    chapters: 120,
    words: 861000,
    edition: 2,
    cataloguedAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-02-03T00:00:00.000Z",
  });
  const full = (number: number) => ({
    ...shown(number),
    intro: "石头所记",
    subCategoryId: null,
    publishedAt: "2026-01-02T00:00:00.000Z",
    withdrawn: false,
    latestChapter: null,
  });
  const withdrawn = { withdrawn_at: "2026-02-01T00:00:00Z" };
  const withoutText = { edition: null, chapters: 0, words: null, published_at: null };

  test("lists what is catalogued and not withdrawn, the newest first", async () => {
    await catalogue(pool, bookIdOf(1), 10n);
    await catalogue(pool, bookIdOf(2), 20n, withdrawn);
    await catalogue(pool, bookIdOf(3), 30n, { ...withoutText, cover_sha256: "c".repeat(64) });
    const third = { ...shown(3), chapters: 0, words: null, edition: null, coverUrl: `/v1/covers/${"c".repeat(64)}` };
    expect(await get("/v1/books")).toEqual({ status: 200, body: { items: [third, shown(1)], nextCursor: null } });
    const hidden = await newestBooks(pool, { limit: 10, before: null, withdrawn: true });
    expect(JSON.parse(`[${hidden.items}]`)).toEqual([shown(2)]);
  });

  test("is walked by cursor without gap or repeat while books are catalogued", async () => {
    for (const number of numbers) await catalogue(pool, bookIdOf(number), positionOf(number));
    const seen = await walk("/v1/books", (page) => catalogue(pool, bookIdOf(1000 + page), positionOf(1000 + page)));
    expect(seen).toEqual(numbers.map(bookIdOf).reverse());
  });

  test("shows a book in full, with its latest chapter", async () => {
    await catalogue(pool, bookIdOf(1), 10n, { chapters: 1 });
    await pool.query(
      `INSERT INTO library_v3.chapters VALUES ($1, 1, 'chapter00001', '第一回', NULL, 'chapter', $2, 10, 9),
                                              ($1, 2, 'chapter00002', '多余', NULL, 'chapter', $2, 10, 9)`,
      [bookIdOf(1), "a".repeat(64)],
    );
    const latestChapter = { chapterId: "chapter00001", no: 1, title: "第一回" };
    expect(await get(`/v1/books/${bookIdOf(1)}`)).toEqual({
      status: 200,
      body: { ...full(1), chapters: 1, latestChapter },
    });
  });

  test("shows a withdrawn book as such, and one without text", async () => {
    await catalogue(pool, bookIdOf(2), 10n, { ...withoutText, ...withdrawn });
    expect(await get(`/v1/books/${bookIdOf(2)}`)).toMatchObject({
      status: 200,
      body: { withdrawn: true, edition: null, publishedAt: null },
    });
  });

  test("has no book that was never catalogued", async () => {
    expect(await get(`/v1/books/${bookIdOf(9)}`)).toMatchObject({ status: 404, body: { code: "book_not_found" } });
  });
});

describe("a query", () => {
  const failing = async (broken: Pool) => {
    const stores = { catalog: createCatalog(broken), store: createPostgresStore(broken) };
    const tracker = createProgressTracker({ readModels, ...stores, logger: options.logger });
    const other = await startApi(libraryEndpoints(broken), { areLive: (names) => areLive(tracker, names) });
    try {
      const response = await fetch(`${other.url}/v1/books`);
      const { code } = (await response.json()) as { code: string };
      return { status: response.status, code, retryAfter: response.headers.get("retry-after") };
    } finally {
      await other.close();
      await broken.end();
    }
  };
  const away = { status: 503, code: "dependency_unavailable", retryAfter: "1" };
  const options = { max: 1, service: "test", logger: createLogger("test", "silent") };

  test("is 503 while Postgres is away", async () => {
    expect(await failing(createPool({ ...options, url: "postgres://nobody@127.0.0.1:1/none" }))).toEqual(away);
  });

  test("is 503 while the read models are not built", async () => {
    const empty = await freshDatabase();
    expect(await failing(createPool({ ...options, url: empty.url }))).toEqual({
      status: 503,
      code: "read_model_not_live",
      retryAfter: "5",
    });
    await empty.drop();
  });
});
