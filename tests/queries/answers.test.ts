import { afterAll, beforeAll, expect, test } from "vitest";
import { storeTexts } from "../../src/content/storeTexts.ts";
import { libraryEndpoints } from "../../src/http/library/endpoints.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
import { readerId, startApi } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables, shelve } from "./readModelTables.ts";

// The bytes of every query's answers, as recorded in answers.txt when JavaScript formatted the rows: field order, nulls, times,
// numbers, escapes and cursors stay compatible with clients and their caches.

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
const male = { channel: "male", category: "玄幻", category_id: categoryId("male", "玄幻") };
const sub = { sub_category: "东方玄幻", sub_category_id: categoryId("male", "玄幻", "东方玄幻") };
const titles = [
  "丁",
  '“双"引号\\',
  "丙\u2028丙",
  "乙",
  "戊",
  "ａＢ１",
  "甲",
  "🐴马",
  "100%_",
  "e\u0301l",
  "甲",
  "Zebra",
];
const hash = (no: number) => String(no).repeat(64);
const big = 2n ** 53n;

beforeAll(async () => {
  database = await freshDatabase();
  const logger = createLogger("test", "silent");
  await migrate(database.url, logger);
  pool = createPool({ url: database.url, max: 4, service: "test", logger });
  await createReadModelTables(pool);
  const never = async () => {
    throw new Error("a query sent a command");
  };
  api = await startApi([
    ...shelfEndpoints({ handleCommand: never, bookExists: never, capacity: 1 }, pool),
    ...libraryEndpoints(pool),
  ]);
  for (const [number, title] of titles.entries()) {
    await catalogue(pool, bookIdOf(number), big + BigInt(number), {
      title,
      title_key: titleKeyOf(title),
      intro: 'Zeile eins\nzwei\t"\u0001\u007f</script>',
      ...(number % 2 === 0 ? male : {}),
      ...(number % 4 === 0 ? sub : {}),
      ...(number === 3 ? { edition: null, words: null, chapters: 0, published_at: null } : {}),
      ...(number === 5 ? { withdrawn_at: "2026-02-04T00:00:00Z", cover_url: "https://example.org/a?b=1&c=“" } : {}),
      ...(number === 6 ? { cover_sha256: hash(6), words: 3_000_000_000n, chapters: 3 } : {}),
      catalogued_at: `2026-01-${10 + number}T23:59:59.${number}0${number}+08:00`,
      updated_at: number === 7 ? "2026-03-01T00:00:00.123999Z" : "1999-12-31T16:00:00Z",
    });
    if (number % 3 > 0) {
      await pool.query("INSERT INTO collected_v2.collected_books VALUES ($1, $2)", [bookIdOf(number), number % 5]);
    }
  }
  await storeTexts(
    pool,
    [1, 2, 3, 4].map((no) => ({ sha256: hash(no), text: `　　第 ${no} 章。\n　　“好。”\\"\t` })),
  );
  for (const no of [1, 2, 3, 4]) {
    const values = [bookIdOf(6), no, `chapter0000${no}`, `第${no}章 "x"`, no === 2 ? "卷\\二" : null, hash(no), 14];
    const text = "INSERT INTO library_v3.chapters VALUES ($1, $2, $3, $4, $5, 'chapter', $6, $7, 11)";
    await pool.query(text, values);
  }
  for (const number of [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 20, 21]) {
    await shelve(pool, readerId, bookIdOf(number), big + BigInt(number));
  }
  const groups = "INSERT INTO shelf_v4.shelf_groups VALUES ($1, $2, $3, $4, $5)";
  await pool.query(groups, [readerId, "night", '夜"读', 9, "V"]);
  await pool.query(groups, [readerId, "old", "古典", 9, "F"]);
  const change = "UPDATE shelf_v4.shelf_books SET group_id = $2, pinned = $3, order_rank = $4 WHERE book_id = $1";
  await pool.query(change, [bookIdOf(1), "night", true, "3"]);
  await pool.query(change, [bookIdOf(7), "night", false, "9"]);
  await pool.query(change, [bookIdOf(21), "gone", true, "0V"]);
  await pool.query(change, [bookIdOf(2), "old", true, "0V"]);
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});

/** An answer, and those of the following pages, each exactly as sent. */
async function answersOf(path: string): Promise<string> {
  let found = "";
  for (let cursor: string | null = null, page = 0; page === 0 || cursor !== null; page++) {
    const url: string = cursor === null ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${cursor}`;
    const response = await api.fetch(url);
    const body = await response.text();
    found += `GET ${url}\n${response.status} ${response.headers.get("content-type")} ${response.headers.get("etag")}\n${body}\n\n`;
    cursor = (JSON.parse(body) as { nextCursor?: string | null }).nextCursor ?? null;
  }
  return found;
}

const shelves = ["added", "title", "manual"].flatMap((sort) => [
  `/v1/shelf?sort=${sort}`,
  `/v1/shelf?sort=${sort}&limit=1`,
  `/v1/shelf?sort=${sort}&limit=5`,
  `/v1/shelf?sort=${sort}&limit=12`,
  `/v1/shelf?sort=${sort}&group=night`,
  `/v1/shelf?sort=${sort}&group=none&limit=4`,
  `/v1/shelf?sort=${sort}&q=${encodeURIComponent("甲")}&limit=1`,
]);
const categories = [male.category_id, sub.sub_category_id, categoryId("published", "古典")].flatMap((id) => [
  `/v1/categories/${id}/books`,
  `/v1/categories/${id}/books?limit=2`,
  `/v1/categories/${id}/books?order=collected&limit=2`,
  `/v1/categories/${id}/books?words=long&status=finished`,
  `/v1/categories/${id}/books?status=serialising`,
]);
const books = [3, 5, 6, 7, 1].map((number) => `/v1/books/${bookIdOf(number)}`);
const chapters = ["no:1", "no:2", "no:3", "chapter00002", "no:4"].map((which) => `${books[2]}/chapters/${which}`);

test("answers have the bytes that they always had", async () => {
  const paths = [
    "/v1/books",
    "/v1/books?limit=4",
    ...books,
    ...shelves,
    "/v1/shelf/groups",
    ...categories,
    "/v1/categories",
    "/v1/categories?channel=male",
    "/v1/categories?channel=female",
    ...chapters,
    `${books[2]}/chapters`,
    `${books[2]}/chapters?limit=1`,
    `${books[2]}/chapters?order=desc&limit=2`,
    `${books[0]}/chapters`,
    `/v1/books/${bookIdOf(99)}`,
    `/v1/books/${bookIdOf(99)}/chapters`,
    `${books[0]}/chapters/no:1`,
    `${books[1]}/chapters/no:1`,
    `/v1/books/${bookIdOf(99)}/chapters/no:1`,
    `/v1/categories/${categoryId("female", "没有")}/books`,
  ];
  let all = "";
  for (const path of paths) all += await answersOf(path);
  await expect(all.replace(/(?<=:request:)[0-9a-f-]{36}/g, "ID")).toMatchFileSnapshot("./answers.txt");
});
