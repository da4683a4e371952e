import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { storeCover } from "../../src/content/covers.ts";
import { storeTexts } from "../../src/content/storeTexts.ts";
import { libraryEndpoints } from "../../src/http/library/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
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
  await createReadModelTables(pool);
  api = await startApi(libraryEndpoints(pool));
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(() =>
  pool.query("DELETE FROM library_v3.books; DELETE FROM library_v3.chapters; DELETE FROM collected_v2.collected_books"),
);

const get = async (path: string) => {
  const response = await api.fetch(path);
  return { status: response.status, body: await response.json() };
};
type Listed = { items: { bookId: string; no: number }[]; nextCursor: string | null };
const listed = async (path: string) => ((await get(path)).body as Listed).items.map(({ bookId }) => bookId);

/** A category's columns, and its books' ids. */
const inCategory = (channel: string, category: string, subCategory: string | null = null) => ({
  channel,
  category,
  category_id: categoryId(channel, category),
  sub_category: subCategory,
  sub_category_id: subCategory === null ? null : categoryId(channel, category, subCategory),
});
const fantasy = inCategory("male", "玄幻", "东方玄幻");

const book = bookIdOf(1);
const chapterId = (no: number) => `chapter${String(no).padStart(5, "0")}`;
const textOf = (no: number) => `　　第 ${no} 章的正文。\n　　“好。”`;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** A book of `seen` chapters; chapters up to `stored` are in the table, as after a longer edition. */
async function publish(seen: number, stored = seen, more: Record<string, unknown> = {}) {
  await catalogue(pool, book, 1n, { chapters: seen, ...more });
  await storeTexts(
    pool,
    Array.from({ length: stored }, (_, n) => ({ sha256: hash(textOf(n + 1)), text: textOf(n + 1) })),
  );
  for (let no = 1; no <= stored; no++) {
    await pool.query("INSERT INTO library_v3.chapters VALUES ($1, $2, $3, $4, '卷一', 'chapter', $5, $6, 11)", [
      book,
      no,
      chapterId(no),
      `第${no}章`,
      hash(textOf(no)),
      textOf(no).length,
    ]);
  }
}

describe("categories", () => {
  test("are listed by channel, the largest first, with their sub-categories, without withdrawn books", async () => {
    await catalogue(pool, bookIdOf(1), 1n, fantasy);
    await catalogue(pool, bookIdOf(2), 2n, inCategory("male", "玄幻"));
    await catalogue(pool, bookIdOf(3), 3n, inCategory("male", "都市", "都市生活"));
    await catalogue(pool, bookIdOf(4), 4n, inCategory("female", "玄幻"));
    await catalogue(pool, bookIdOf(5), 5n, { ...inCategory("published", "古典"), withdrawn_at: new Date() });
    const male = [
      {
        channel: "male",
        id: categoryId("male", "玄幻"),
        name: "玄幻",
        books: 2,
        subCategories: [{ id: categoryId("male", "玄幻", "东方玄幻"), name: "东方玄幻", books: 1 }],
      },
      {
        channel: "male",
        id: categoryId("male", "都市"),
        name: "都市",
        books: 1,
        subCategories: [{ id: categoryId("male", "都市", "都市生活"), name: "都市生活", books: 1 }],
      },
    ];
    const female = { channel: "female", id: categoryId("female", "玄幻"), name: "玄幻", books: 1, subCategories: [] };
    expect((await get("/v1/categories")).body).toEqual({ items: [...male, female], nextCursor: null });
    expect((await get("/v1/categories?channel=male")).body).toEqual({ items: male, nextCursor: null });
    expect((await get("/v1/categories?channel=other")).status).toBe(400);
  });

  test("and sub-categories show their books, the last updated first", async () => {
    await catalogue(pool, bookIdOf(1), 1n, { ...fantasy, updated_position: 9n });
    await catalogue(pool, bookIdOf(2), 2n, inCategory("male", "玄幻"));
    await catalogue(pool, bookIdOf(3), 3n, inCategory("female", "玄幻"));
    await catalogue(pool, bookIdOf(4), 4n, { ...fantasy, withdrawn_at: new Date() });
    expect(await listed(`/v1/categories/${fantasy.category_id}/books`)).toEqual([bookIdOf(1), bookIdOf(2)]);
    expect(await listed(`/v1/categories/${fantasy.sub_category_id}/books`)).toEqual([bookIdOf(1)]);
    const unknown = await get(`/v1/categories/${categoryId("male", "没有")}/books`);
    expect(unknown).toMatchObject({ status: 404, body: { code: "category_not_found" } });
  });

  test("are filtered by words, the unknown left out, and by status", async () => {
    const words = [null, 0, 499_999, 500_000, 1_000_000, 1_000_001];
    for (const [n, count] of words.entries())
      await catalogue(pool, bookIdOf(n), BigInt(n), { ...fantasy, words: count });
    await pool.query("UPDATE library_v3.books SET status = 'serialising' WHERE words = 0");
    const of = (query: string) => listed(`/v1/categories/${fantasy.category_id}/books?${query}`);
    expect(await of("words=short")).toEqual([bookIdOf(2), bookIdOf(1)]);
    expect(await of("words=medium")).toEqual([bookIdOf(4), bookIdOf(3)]);
    expect(await of("words=long")).toEqual([bookIdOf(5)]);
    expect(await of("")).toHaveLength(6);
    expect(await of("status=serialising")).toEqual([bookIdOf(1)]);
    expect(await of("status=serialising&words=long")).toEqual([]);
    expect((await get(`/v1/categories/${fantasy.category_id}/books?words=1`)).status).toBe(400);
  });

  test("are ordered by the shelves that books lie on, page by page", async () => {
    const shelves = [0, 3, 1, 3, 0, 2];
    for (const [n, count] of shelves.entries()) {
      await catalogue(pool, bookIdOf(n), BigInt(n), fantasy);
      if (count > 0) await pool.query("INSERT INTO collected_v2.collected_books VALUES ($1, $2)", [bookIdOf(n), count]);
    }
    const path = `/v1/categories/${fantasy.category_id}/books?order=collected&limit=2`;
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body } = (await get(`${path}${cursor && `&cursor=${cursor}`}`)) as { body: Listed };
      seen.push(...body.items.map(({ bookId }) => bookId));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual([3, 1, 5, 2, 4, 0].map(bookIdOf));
  });

  test("refuse the cursor of another order", async () => {
    for (const n of [1, 2]) await catalogue(pool, bookIdOf(n), BigInt(n), fantasy);
    const path = `/v1/categories/${fantasy.category_id}/books`;
    const { nextCursor } = (await get(`${path}?limit=1`)).body as Listed;
    const other = await get(`${path}?order=collected&cursor=${nextCursor}`);
    expect(other).toMatchObject({ status: 400, body: { code: "invalid_request", errors: [{ path: "cursor" }] } });
  });
});

describe("the catalogue of a book", () => {
  test("is paged up and down, and ends with the edition", async () => {
    await publish(5, 7);
    const walk = async (order: string) => {
      const seen: number[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const { body } = (await get(
          `/v1/books/${book}/chapters?limit=2&order=${order}${cursor && `&cursor=${cursor}`}`,
        )) as {
          body: Listed;
        };
        seen.push(...body.items.map(({ no }) => no));
        cursor = body.nextCursor;
      }
      return seen;
    };
    expect(await walk("asc")).toEqual([1, 2, 3, 4, 5]);
    expect(await walk("desc")).toEqual([5, 4, 3, 2, 1]);
    expect((await get(`/v1/books/${book}/chapters?limit=1`)).body).toMatchObject({
      items: [{ chapterId: chapterId(1), no: 1, title: "第1章", volume: "卷一", kind: "chapter", words: 11 }],
    });
  });

  test("refuses the cursor of the other order, and of another list", async () => {
    await publish(5, 7);
    const { nextCursor } = (await get(`/v1/books/${book}/chapters?limit=2`)).body as Listed;
    for (const cursor of [`desc&cursor=${nextCursor}`, `asc&cursor=${Buffer.from("2").toString("base64url")}`]) {
      const other = await get(`/v1/books/${book}/chapters?order=${cursor}`);
      expect(other).toMatchObject({ status: 400, body: { code: "invalid_request", errors: [{ path: "cursor" }] } });
    }
  });

  test("is empty for a book without text; a book that is not there has none", async () => {
    await catalogue(pool, book, 1n, { chapters: 0, edition: null });
    expect((await get(`/v1/books/${book}/chapters`)).body).toEqual({ items: [], nextCursor: null });
    expect((await get(`/v1/books/${bookIdOf(9)}/chapters`)).body).toMatchObject({ code: "book_not_found" });
  });
});

describe("a chapter", () => {
  test("is found by id and by number, with its text and its neighbours", async () => {
    await publish(3);
    const second = {
      bookId: book,
      chapterId: chapterId(2),
      no: 2,
      title: "第2章",
      volume: "卷一",
      kind: "chapter",
      words: 11,
      length: textOf(2).length,
      text: textOf(2),
      textUrl: `/v1/books/${book}/texts/${hash(textOf(2))}`,
      previous: { chapterId: chapterId(1), no: 1, title: "第1章" },
      next: { chapterId: chapterId(3), no: 3, title: "第3章" },
    };
    for (const which of [chapterId(2), "no:2"]) {
      expect(await get(`/v1/books/${book}/chapters/${which}`)).toEqual({ status: 200, body: second });
    }
    expect((await get(`/v1/books/${book}/chapters/no:1`)).body).toMatchObject({ previous: null, next: { no: 2 } });
    expect((await get(`/v1/books/${book}/chapters/no:3`)).body).toMatchObject({ previous: { no: 2 }, next: null });
  });

  test("beyond the edition does not exist, nor is it a neighbour", async () => {
    await publish(2, 4);
    expect((await get(`/v1/books/${book}/chapters/no:2`)).body).toMatchObject({ next: null });
    for (const which of ["no:3", chapterId(3), "no:999999999"]) {
      const answer = await get(`/v1/books/${book}/chapters/${which}`);
      expect(answer).toMatchObject({ status: 404, body: { code: "chapter_not_found" } });
    }
    for (const which of ["no:0", "no:-1", "no:1e9", "17", "no:9999999999"]) {
      expect((await get(`/v1/books/${book}/chapters/${which}`)).status).toBe(400);
    }
    expect((await get(`/v1/books/${bookIdOf(9)}/chapters/no:1`)).body).toMatchObject({ code: "book_not_found" });
  });

  test("of a withdrawn book cannot be read, its catalogue can", async () => {
    await publish(1, 1, { withdrawn_at: new Date() });
    for (const path of ["chapters/no:1", `texts/${hash(textOf(1))}`]) {
      expect(await get(`/v1/books/${book}/${path}`)).toMatchObject({ status: 410, body: { code: "book_withdrawn" } });
    }
    expect((await get(`/v1/books/${book}/chapters`)).status).toBe(200);
  });

  test("has an ETag and is asked for anew; its text alone, by its hash, may be kept for ever", async () => {
    await publish(1);
    const chapter = await api.fetch(`/v1/books/${book}/chapters/no:1`);
    expect(chapter.headers.get("cache-control")).toBe("no-cache");
    // Otherwise Node's client would add no-cache.
    const again = { headers: { "if-none-match": chapter.headers.get("etag")!, "cache-control": "max-age=0" } };
    expect((await api.fetch(`/v1/books/${book}/chapters/no:1`, again)).status).toBe(304);

    const text = await api.fetch(`/v1/books/${book}/texts/${hash(textOf(1))}`);
    expect(await text.text()).toBe(textOf(1));
    expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(text.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(text.headers.get("etag")).toBe(`"${hash(textOf(1))}"`);
    const missing = await get(`/v1/books/${book}/texts/${hash("another")}`);
    expect(missing).toMatchObject({ status: 404, body: { code: "chapter_not_found" } });
  });
});

test("a cover is served by its hash, with its type, for other origins, for ever", async () => {
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]);
  const sha256 = await storeCover(pool, { contentType: "image/png", bytes });
  expect(await storeCover(pool, { contentType: "image/png", bytes })).toBe(sha256);
  const cover = await api.fetch(`/v1/covers/${sha256}`);
  expect(Buffer.from(await cover.arrayBuffer())).toEqual(bytes);
  expect(cover.headers.get("content-type")).toBe("image/png");
  expect(cover.headers.get("cache-control")).toContain("immutable");
  expect(cover.headers.get("x-content-type-options")).toBe("nosniff");
  expect(cover.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect((await get(`/v1/covers/${"0".repeat(64)}`)).status).toBe(404);
});
