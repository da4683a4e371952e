import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chapterId, readingWorld } from "./readingWorld.ts";

let world: Awaited<ReturnType<typeof readingWorld>>;
const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;
beforeAll(async () => {
  world = await readingWorld();
  await world.publish(dream, "abcd");
  await world.publish(west, "ab");
});
afterAll(() => world.close());

type Page = { items: Record<string, unknown>[]; nextCursor: string | null };
const list = async (path: string) => {
  const { status, body } = await world.get(path);
  expect(status).toBe(200);
  return body as unknown as Page;
};
const events = (...types: string[]) => ({ status: 200, body: { events: types } });

describe("finished books", () => {
  const finish = (bookId: string, readAt: string) => world.send("PUT", `/v1/reading/${bookId}/finished`, { readAt });
  const again = (bookId: string, readAt: string) => world.send("POST", `/v1/reading/${bookId}/rounds`, { readAt });
  const titles = async (query = "") =>
    (await list(`/v1/reading/finished${query}`)).items.map(({ bookId, round }) => `${bookId} ${round}`);

  test("are listed by year, a book that was read again for each time", async () => {
    expect(await finish(dream, "2024-12-31T20:00:00Z")).toMatchObject(events("BookFinished"));
    expect(await finish(dream, "2025-02-01T00:00:00Z")).toMatchObject(events());
    expect(await finish(west, "2025-03-01T00:00:00Z")).toMatchObject(events("BookFinished"));
    expect(await again(dream, "2025-04-01T00:00:00Z")).toMatchObject(events("ReadingRoundBegan"));
    expect(await again(dream, "2025-04-02T00:00:00Z")).toMatchObject(events());
    expect(await finish(dream, "2025-05-01T00:00:00Z")).toMatchObject(events("BookFinished"));
    expect(await finish("nosuchbook00", "2025-05-01T00:00:00Z")).toMatchObject({
      status: 404,
      body: { code: "book_not_found" },
    });
    expect(await again("nosuchbook00", "2025-05-01T00:00:00Z")).toMatchObject({
      status: 404,
      body: { code: "book_not_found" },
    });

    expect(await titles()).toEqual([`${dream} 2`, `${west} 1`, `${dream} 1`]);
    expect(await titles("?year=2024&tz=UTC")).toEqual([`${dream} 1`]);
    expect(await titles("?year=2024")).toEqual([]);
    expect(await titles("?year=2025&tz=Asia/Shanghai")).toEqual([`${dream} 2`, `${west} 1`, `${dream} 1`]);
    const first = await list("/v1/reading/finished?limit=1");
    expect(first.items).toEqual([
      {
        bookId: dream,
        title: "红楼梦",
        author: "曹雪芹",
        coverUrl: null,
        round: 2,
        beganAt: "2025-04-01T00:00:00.000Z",
        finishedAt: "2025-05-01T00:00:00.000Z",
      },
    ]);
    expect(await titles(`?limit=2&cursor=${first.nextCursor}`)).toEqual([`${west} 1`, `${dream} 1`]);
    expect((await list(`/v1/reading/${dream}/rounds`)).items).toEqual([
      { round: 2, beganAt: "2025-04-01T00:00:00.000Z", finishedAt: "2025-05-01T00:00:00.000Z" },
      { round: 1, beganAt: null, finishedAt: "2024-12-31T20:00:00.000Z" },
    ]);
  });

  test("are dated by the server unless the device says when", async () => {
    const before = Date.now();
    await world.send("POST", `/v1/reading/${west}/rounds`, {});
    const [round] = (await list(`/v1/reading/${west}/rounds`)).items;
    expect(Date.parse(String(round?.beganAt))).toBeGreaterThanOrEqual(before);
  });

  // Node knows the last zone, Postgres does not.
  const wrong = ["?year=1969", "?year=26", "?tz=Mars/Olympus", "?tz=%2B08:00", "?cursor=x", "?year=2025&tz=AET"];
  test.each(wrong)("%s is 400", async (query) => {
    expect(await world.get(`/v1/reading/finished${query}`)).toMatchObject({ status: 400 });
  });
});

describe("bookmarks", () => {
  const put = (id: string, body: object, bookId: string = dream) =>
    world.send("PUT", `/v1/reading/${bookId}/bookmarks/${id}`, body);
  const path = `/v1/reading/${dream}/bookmarks`;

  test("are listed in the order of the book, where their chapters are now, and are changed and deleted", async () => {
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
    const at = (name: string, offset: number, note?: string) => ({
      chapterId: chapterId(name),
      offset,
      ...(note === undefined ? {} : { note }),
    });
    expect(await put(one, at("c", 5, " 好了歌\r\n解 "))).toMatchObject(events("BookmarkSet"));
    expect(await put(two, at("a", 50))).toMatchObject(events("BookmarkSet"));
    expect(await put(three, at("a", 7, "妙"))).toMatchObject(events("BookmarkSet"));
    expect(await put(three, at("a", 7, "妙"))).toMatchObject(events());
    expect(await put(three, at("a", 8, "妙"))).toMatchObject(events("BookmarkChanged"));
    expect(await put(three, at("a", 8), west)).toMatchObject({
      status: 409,
      body: { code: "bookmark_of_another_book" },
    });
    expect(await put(randomUUID(), at("z", 8))).toMatchObject({ status: 404, body: { code: "chapter_not_found" } });
    expect(await put(randomUUID(), at("a", 8), "nosuchbook00")).toMatchObject({
      status: 404,
      body: { code: "book_not_found" },
    });

    await world.publish(dream, "xabcd");
    const { items } = await list(path);
    expect(items).toMatchObject([
      { bookmarkId: three, no: 2, title: "章a", offset: 8, note: "妙" },
      { bookmarkId: two, no: 2, offset: 50, note: "" },
      { bookmarkId: one, no: 4, title: "章c", offset: 5, note: "好了歌\n解" },
    ]);
    const first = await list(`${path}?limit=2`);
    expect((await list(`${path}?limit=2&cursor=${first.nextCursor}`)).items).toEqual(items.slice(2));

    expect(await world.send("DELETE", `${path}/${two}`)).toMatchObject(events("BookmarkDeleted"));
    expect(await world.send("DELETE", `${path}/${two}`)).toMatchObject(events());
    expect((await list(path)).items.map(({ bookmarkId }) => bookmarkId)).toEqual([three, one]);
  });

  test.each([
    ["a note of 501 characters", { chapterId: chapterId("a"), offset: 1, note: "字".repeat(501) }],
    ["a note with NUL", { chapterId: chapterId("a"), offset: 1, note: "a\0b" }],
    ["no place", { note: "妙" }],
  ])("are 400 with %s", async (_, body) => {
    expect(await put(randomUUID(), body)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  test("have notes of 500 characters, also beyond the BMP", async () => {
    const note = "𠀀".repeat(500);
    expect(await put(randomUUID(), { chapterId: chapterId("b"), offset: 1, note })).toMatchObject({ status: 200 });
  });
});
