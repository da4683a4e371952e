import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
import { readerId, startApi } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables, shelve } from "./readModelTables.ts";

type Item = { bookId: string; pinned: boolean; group: { id: string; name: string } | null };
type List = { items: Item[]; nextCursor: string | null };

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
  api = await startApi(shelfEndpoints({ handleCommand: never, bookExists: never, capacity: 1 }, pool));
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(() =>
  pool.query("DELETE FROM shelf_v4.shelf_books; DELETE FROM shelf_v4.shelf_groups; DELETE FROM library_v3.books"),
);

const get = async (path: string) => {
  const response = await api.fetch(path);
  return { status: response.status, body: await response.json() };
};
const list = async (path: string) => {
  const { status, body } = await get(path);
  expect(status).toBe(200);
  return body as List;
};
/** The numbers of the books that a path lists, all pages of three. */
async function numbersOf(path: string, between = async (_page: number) => {}): Promise<number[]> {
  const seen: number[] = [];
  let cursor: string | null = null;
  for (let page = 0; page === 0 || cursor !== null; page++) {
    if (page > 0) await between(page);
    const found: List = await list(`${path}&limit=3${cursor === null ? "" : `&cursor=${cursor}`}`);
    seen.push(...found.items.map(({ bookId }) => Number(bookId.slice(4))));
    cursor = found.nextCursor;
  }
  return seen;
}

/** A book of this title on the reader's shelf, added at the position that is its number. */
async function shelved(number: number, title: string | null, author = "曹雪芹") {
  await shelve(pool, readerId, bookIdOf(number), BigInt(number));
  if (title === null) return;
  await catalogue(pool, bookIdOf(number), 1n, { title, title_key: titleKeyOf(title), author });
}
const change = (number: number, set: string) =>
  pool.query(`UPDATE shelf_v4.shelf_books SET ${set} WHERE book_id = $1`, [bookIdOf(number)]);

describe("the sorts of the shelf", () => {
  beforeEach(async () => {
    for (const [number, title] of ["丁", "甲", "丙", "乙", null, "戊", "甲", null].entries()) {
      await shelved(number, title);
    }
    // The reader's own order, set after 5 and before 6 were added.
    for (const [rank, number] of [2, 0, 3, 5, 1].entries())
      await change(number, `order_position = 5, order_rank = '${rank + 1}'`);
  });

  test.each([
    ["added", [7, 6, 5, 4, 3, 2, 1, 0]],
    ["manual", [7, 6, 1, 5, 3, 0, 2, 4]],
    ["title", [2, 0, 1, 6, 5, 3, 4, 7]],
  ])("%s has each book once, and pinned books first in the same order", async (sort, order) => {
    expect(await numbersOf(`/v1/shelf?sort=${sort}`)).toEqual(order);
    const pinned = [0, 1, 4, 5];
    for (const number of pinned) await change(number, "pinned = true");
    expect(await numbersOf(`/v1/shelf?sort=${sort}`)).toEqual([
      ...order.filter((number) => pinned.includes(number)),
      ...order.filter((number) => !pinned.includes(number)),
    ]);
  });

  test.each(["added", "manual", "title"])(
    "%s goes on behind a book that is removed between two pages",
    async (sort) => {
      const order = await numbersOf(`/v1/shelf?sort=${sort}`);
      const seen = await numbersOf(`/v1/shelf?sort=${sort}`, async (page) => {
        await pool.query("DELETE FROM shelf_v4.shelf_books WHERE book_id = $1", [bookIdOf(order[page * 3 - 1]!)]);
      });
      expect(seen).toEqual(order);
    },
  );
});

describe("the groups of the shelf", () => {
  beforeEach(async () => {
    for (let number = 0; number < 4; number++) await shelved(number, "书");
    const groups = "INSERT INTO shelf_v4.shelf_groups VALUES ($1, $2, $3, $4, $5)";
    await pool.query(groups, [readerId, "night", "夜读", 9, 1]);
    await pool.query(groups, [readerId, "old", "古典", 9, 0]);
    await pool.query(groups, [readerId, "train", "地铁", 12, 0]);
    await pool.query(groups, ["another reader", "night", "别人的", 1, 0]);
    await change(1, "group_id = 'night'");
    await change(2, "group_id = 'old'");
    await change(3, "group_id = 'night', pinned = true");
    await shelve(pool, "another reader", bookIdOf(9), 9n);
    await change(9, "group_id = 'night'");
  });

  test("are listed in their order with their numbers of books", async () => {
    expect(await get("/v1/shelf/groups")).toEqual({
      status: 200,
      body: {
        items: [
          { id: "old", name: "古典", books: 1 },
          { id: "night", name: "夜读", books: 2 },
          { id: "train", name: "地铁", books: 0 },
        ],
        nextCursor: null,
      },
    });
  });

  test("are shown with each book, and choose books; pinned ones come first there too", async () => {
    const { items } = await list("/v1/shelf");
    expect(items.map(({ pinned, group }) => ({ pinned, group }))).toEqual([
      { pinned: true, group: { id: "night", name: "夜读" } },
      { pinned: false, group: { id: "old", name: "古典" } },
      { pinned: false, group: { id: "night", name: "夜读" } },
      { pinned: false, group: null },
    ]);
    expect(await numbersOf("/v1/shelf?group=night")).toEqual([3, 1]);
    expect(await numbersOf("/v1/shelf?group=none")).toEqual([0]);
    expect(await numbersOf("/v1/shelf?group=no-such-group")).toEqual([]);
  });
});

describe("the search on the shelf", () => {
  beforeEach(async () => {
    await shelved(0, "红楼梦", "曹雪芹");
    await shelved(1, "三体ＩＩ：黑暗森林", "刘慈欣");
    await shelved(2, "100%_人生\\路", "Élodie Dupont");
    await shelved(3, null);
    await shelved(4, "红与\u{e0104}黑", "司汤\ufe0f达");
  });

  test.each([
    ["红", [4, 0]],
    ["楼梦", [0]],
    ["刘慈", [1]],
    ["与黑", [4]],
    ["司汤达", [4]],
    ["ii:黑", [1]],
    ["ＩＩ", [1]],
    ["élodie", [2]],
    ["DUPONT", [2]],
    ["%", [2]],
    ["_", [2]],
    ["\\", [2]],
    ["1_0", []],
    ["　红楼 ", [0]],
    ["红\ufe0f楼\u200d", [0]],
    ["", [4, 3, 2, 1, 0]],
    ["西游", []],
  ])("for %j finds what has it in title or author", async (text, numbers) => {
    expect(await numbersOf(`/v1/shelf?q=${encodeURIComponent(text)}`)).toEqual(numbers);
  });

  test("goes with a sort and a group", async () => {
    await change(0, "group_id = 'old'");
    expect(await numbersOf(`/v1/shelf?sort=title&group=old&q=${encodeURIComponent("红")}`)).toEqual([0]);
  });
});

test("nothing was read last before anything was read", async () => {
  expect(await get("/v1/shelf/last-read")).toEqual({ status: 200, body: { item: null } });
});

test("a withdrawn book stays on the shelf and says so; a cover of ours has a path", async () => {
  await shelved(0, "红楼梦");
  await shelved(1, null);
  await pool.query("UPDATE library_v3.books SET withdrawn_at = now(), cover_sha256 = $1", ["a".repeat(64)]);
  const { items } = await list("/v1/shelf");
  expect(items).toMatchObject([
    { bookId: bookIdOf(1), withdrawn: false, coverUrl: null },
    { bookId: bookIdOf(0), withdrawn: true, coverUrl: `/v1/covers/${"a".repeat(64)}` },
  ]);
});
