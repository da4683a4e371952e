import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readerId } from "../http/startApi.ts";
import { chapterId, readingWorld } from "./readingWorld.ts";

// Progress, rounds and bookmarks of a reader, from the writing request to the answer.

let world: Awaited<ReturnType<typeof readingWorld>>;
beforeAll(async () => {
  world = await readingWorld();
});
afterAll(() => world.close());

let books = 0;
/** A new book with these chapters, of 120 characters each. */
async function newBook(chapters: string): Promise<string> {
  const bookId = `book${String(books++).padStart(8, "0")}`;
  await world.publish(bookId, chapters);
  return bookId;
}
const at = (minute: number) => new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString();
const entry = (name: string, minute: number, deviceId = "phone", offset = 60) => ({
  entryId: randomUUID(),
  chapterId: chapterId(name),
  offset,
  readAt: at(minute),
  activeSeconds: 30,
  deviceId,
});
const read = (bookId: string, ...of: Parameters<typeof entry>) =>
  world.send("PUT", `/v1/reading/${bookId}/progress`, entry(...of));
const progressOf = async (bookId: string) => (await world.get(`/v1/reading/${bookId}/progress`)).body;
const place = (name: string, no: number, offset: number, percentage: number, more: object = {}) => ({
  chapterId: chapterId(name),
  no,
  title: `章${name}`,
  offset,
  percentage,
  ...more,
});

describe("progress in a book", () => {
  test("is null before anything was read, and 404 for a book that is not there", async () => {
    const bookId = await newBook("abc");
    expect(await progressOf(bookId)).toEqual({ latest: null, furthest: null, resume: null });
    expect(await world.get("/v1/reading/nosuchbook00/progress")).toMatchObject({
      status: 404,
      body: { code: "book_not_found" },
    });
  });

  test("of one device is its latest place, also when it went back", async () => {
    const bookId = await newBook("abcd");
    expect(await read(bookId, "c", 1)).toMatchObject({
      status: 200,
      body: { events: ["ReadingProgressed"], adjusted: [] },
    });
    await read(bookId, "a", 2);
    const back = place("a", 1, 60, 12.5, { deviceId: "phone", readAt: at(2) });
    expect(await progressOf(bookId)).toEqual({ latest: back, furthest: back, resume: back });
  });

  test("of two devices that differ is for the reader to choose, whichever was read last", async () => {
    const bookId = await newBook("abcd");
    await read(bookId, "d", 1, "tablet");
    await read(bookId, "b", 2, "phone");
    expect(await progressOf(bookId)).toEqual({
      latest: place("b", 2, 60, 37.5, { deviceId: "phone", readAt: at(2) }),
      furthest: place("d", 4, 60, 87.5, { deviceId: "tablet", readAt: at(1) }),
      resume: null,
    });
    await read(bookId, "d", 3, "phone");
    expect(await progressOf(bookId)).toMatchObject({ resume: { no: 4, deviceId: "phone" } });
  });

  test("counts what was read since the book was begun again, when that goes before another device's old place", async () => {
    const bookId = await newBook("abcd");
    await read(bookId, "d", 1, "tablet");
    expect(await world.send("PUT", `/v1/reading/${bookId}/finished`, { readAt: at(2) })).toMatchObject({ status: 200 });
    await world.send("POST", `/v1/reading/${bookId}/rounds`, { readAt: at(3) });
    expect(await progressOf(bookId)).toMatchObject({ resume: { no: 4 } });
    await read(bookId, "a", 4, "phone");
    expect(await progressOf(bookId)).toMatchObject({ furthest: { no: 1 }, resume: { no: 1, deviceId: "phone" } });
  });

  test("is shown also in an edition of an earlier release that has a chapter's id twice", async () => {
    const bookId = await newBook("abbc");
    await world.send("PUT", `/v1/shelf/${bookId}`);
    await read(bookId, "b", 1);
    expect(await progressOf(bookId)).toMatchObject({ latest: { no: 2 }, furthest: { no: 2 }, resume: { no: 2 } });
    expect((await world.get("/v1/shelf")).status).toBe(200);
    await world.send("DELETE", `/v1/shelf/${bookId}`);
  });

  test("beyond the chapter's end is at its end, and at the end of the book is 100 percent", async () => {
    const bookId = await newBook("ab");
    await read(bookId, "b", 1, "phone", 10_000_000);
    expect(await progressOf(bookId)).toMatchObject({ latest: { no: 2, offset: 120, percentage: 100 } });
  });

  test("is listed by device, the latest first, of the last 20", async () => {
    const bookId = await newBook("abc");
    for (let device = 0; device < 22; device++) await read(bookId, "b", device, `device ${device}`);
    await read(bookId, "c", 99, "device 5");
    const { items, nextCursor } = (await world.get(`/v1/reading/${bookId}/positions`)).body as unknown as {
      items: { deviceId: string; no: number }[];
      nextCursor: null;
    };
    const numbers = [5, ...Array.from({ length: 22 }, (_, index) => 21 - index).filter((number) => number !== 5)];
    expect(items.map(({ deviceId }) => deviceId)).toEqual(numbers.slice(0, 20).map((number) => `device ${number}`));
    expect([items[0]?.no, nextCursor]).toEqual([3, null]);
  });
});

describe("a place in an edition that came later is shown", () => {
  test.each<[string, string, string[], string, object]>([
    ["where its chapter moved to", "abcd", ["xabcd"], "c", { no: 4, title: "章c", offset: 60 }],
    [
      "at the end of the one before its chapter, if that is gone",
      "abcd",
      ["abd"],
      "c",
      { no: 2, title: "章b", offset: 120 },
    ],
    [
      "at the end of the one before, wherever that is now",
      "abcd",
      ["abd", "xyabd"],
      "c",
      { no: 4, title: "章b", offset: 120 },
    ],
    [
      "before both of two chapters that went one after the other",
      "abcd",
      ["abd", "ad"],
      "c",
      { no: 1, title: "章a", offset: 120 },
    ],
    ["at the beginning, if none is left before it", "abcd", ["xbcd"], "a", { no: 1, title: "章x", offset: 0 }],
    ["at the end of a shorter edition", "abcd", ["ab"], "d", { no: 2, title: "章b", offset: 120 }],
    [
      "there still, when others came behind that end",
      "abcd",
      ["ab", "abxyz"],
      "d",
      { no: 2, title: "章b", offset: 120 },
    ],
    [
      "behind what it stood behind, if later chapters took its number",
      "abcde",
      ["abe"],
      "d",
      { no: 2, title: "章b", offset: 120 },
    ],
    [
      "there still, when others came behind those",
      "abcde",
      ["abe", "abexy"],
      "d",
      { no: 2, title: "章b", offset: 120 },
    ],
    ["in its chapter, when that came back", "abcd", ["abd", "abcd"], "c", { no: 3, title: "章c", offset: 60 }],
  ])("%s", async (_, first, later, name, shown) => {
    const bookId = await newBook(first);
    await read(bookId, name, 1);
    for (const edition of later) await world.publish(bookId, edition);
    expect((await progressOf(bookId)).latest).toMatchObject(shown);
  });

  test("in its chapter, when editions without that came and went, as bookmarks, unread and finished chapters are", async () => {
    const bookId = await newBook("abcd");
    await world.send("PUT", `/v1/shelf/${bookId}`);
    await read(bookId, "c", 1, "phone", 120);
    await read(bookId, "d", 2);
    await world.send("PUT", `/v1/reading/${bookId}/bookmarks/${randomUUID()}`, {
      chapterId: chapterId("c"),
      offset: 7,
    });
    const shown = async () => {
      const { items } = (await world.get("/v1/shelf")).body as unknown as Page;
      const bookmarks = (await world.get(`/v1/reading/${bookId}/bookmarks`)).body as unknown as { items: object[] };
      const stats = (await world.get("/v1/reading/stats?from=2025-01-01&to=2025-01-01&tz=UTC")).body;
      return {
        place: (await progressOf(bookId)).latest,
        bookmark: bookmarks.items[0],
        unread: items.find((item) => item.bookId === bookId)?.unreadChapters,
        finished: stats.chaptersFinished,
      };
    };
    const before = await shown();
    expect(before).toMatchObject({ place: { no: 4 }, bookmark: { no: 3, offset: 7 }, unread: 0 });
    for (const older of ["ab", "b"]) {
      await world.publish(bookId, older);
      expect(await shown()).toMatchObject({ bookmark: { title: "章b", offset: 120 } });
      await world.publish(bookId, "abcd");
      expect(await shown()).toEqual(before);
    }
    await world.send("DELETE", `/v1/shelf/${bookId}`);
  });

  test("an offline entry of a chapter that is gone meanwhile is taken, one of a chapter that never was is not", async () => {
    const bookId = await newBook("abcd");
    await world.publish(bookId, "abd");
    expect((await read(bookId, "c", 1)).status).toBe(200);
    expect((await progressOf(bookId)).latest).toMatchObject({ no: 2, offset: 120 });
    expect(await read(bookId, "z", 1)).toMatchObject({ status: 404, body: { code: "chapter_not_found" } });
  });
});

describe("the shelf", () => {
  test("sorts by what was read last, shows what is unread, and the last read book with its place", async () => {
    const [one, two, never] = [await newBook("abcd"), await newBook("abcd"), await newBook("ab")];
    for (const bookId of [one, two, never]) await world.send("PUT", `/v1/shelf/${bookId}`);
    await read(one, "b", 1_000_000);
    await read(one, "d", 999_999, "tablet");
    await read(two, "c", 1_000_001);
    const shelf = async (path = "") => (await world.get(`/v1/shelf?sort=recent${path}`)).body as unknown as Page;
    const { items } = await shelf();
    expect(items.map(({ bookId }) => bookId)).toEqual([two, one, never]);
    expect(items).toMatchObject([
      { lastReadAt: at(1_000_001), unreadChapters: 1 },
      { lastReadAt: at(1_000_000), unreadChapters: 0 },
      { lastReadAt: null, unreadChapters: 2 },
    ]);
    const paged: string[] = [];
    for (let cursor = "", page = 0; page < 4; page++) {
      const { items, nextCursor } = await shelf(`&limit=1${cursor}`);
      paged.push(...items.map(({ bookId }) => bookId));
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(paged).toEqual([two, one, never]);
    await world.send("PUT", `/v1/shelf/${never}/pin`);
    expect((await shelf()).items.map(({ bookId }) => bookId)).toEqual([never, two, one]);

    expect((await world.get("/v1/shelf/last-read")).body).toMatchObject({
      item: { bookId: two, title: "红楼梦", onShelf: true, withdrawn: false, place: place("c", 3, 60, 62.5) },
    });
    await world.send("DELETE", `/v1/shelf/${two}`);
    expect((await world.get("/v1/shelf/last-read")).body).toMatchObject({ item: { bookId: two, onShelf: false } });
  });

  test("counts what is unread from the furthest place of a book that was begun again", async () => {
    const bookId = await newBook("abcd");
    await world.send("PUT", `/v1/shelf/${bookId}`);
    const unread = async () => {
      const { items } = (await world.get("/v1/shelf")).body as unknown as Page;
      return items.find((item) => item.bookId === bookId)?.unreadChapters;
    };
    await read(bookId, "d", 1, "tablet");
    await world.send("PUT", `/v1/reading/${bookId}/finished`, { readAt: at(2) });
    await world.send("POST", `/v1/reading/${bookId}/rounds`, { readAt: at(3) });
    expect(await unread()).toBe(0);
    await read(bookId, "b", 4, "phone");
    expect(await progressOf(bookId)).toMatchObject({ furthest: { no: 2 } });
    expect(await unread()).toBe(2);
    await read(bookId, "d", 5, "tablet");
    expect(await unread()).toBe(0);
  });

  test("counts what is unread from where a place is shown, if its chapter and all before it were removed", async () => {
    const bookId = await newBook("abcd");
    await world.send("PUT", `/v1/shelf/${bookId}`);
    await read(bookId, "a", 1);
    await world.publish(bookId, "bcd");
    const { items } = (await world.get("/v1/shelf")).body as unknown as Page;
    expect(await progressOf(bookId)).toMatchObject({ furthest: { no: 1, offset: 0 } });
    expect(items.find((item) => item.bookId === bookId)?.unreadChapters).toBe(2);
  });

  test("says that a book has new chapters until it is read again", async () => {
    const bookId = await newBook("ab");
    await world.send("PUT", `/v1/shelf/${bookId}`);
    const shown = async () => {
      const { items } = (await world.get("/v1/shelf")).body as unknown as Page;
      const item = items.find((item) => item.bookId === bookId);
      return { unread: item?.unreadChapters, news: item?.hasNewChapters };
    };
    const readNow = (name: string) =>
      world.send("PUT", `/v1/reading/${bookId}/progress`, { ...entry(name, 0), readAt: new Date().toISOString() });
    await readNow("b");
    expect(await shown()).toEqual({ unread: 0, news: false });
    await world.publish(bookId, "abc");
    expect(await shown()).toEqual({ unread: 1, news: true });
    await readNow("b");
    expect(await shown()).toEqual({ unread: 1, news: false });
  });
});

describe("what was read offline", () => {
  const send = (entries: unknown[]) => world.send("POST", "/v1/reading/progress", { entries });

  test("counts once, in any mixture with what was sent before", async () => {
    const bookId = await newBook("abc");
    const [one, two, three] = [entry("a", 1), entry("b", 2), entry("c", 3)].map((sent) => ({ bookId, ...sent }));
    expect((await send([one, two])).body).toMatchObject({ events: Array(2).fill("ReadingProgressed") });
    expect((await send([two, three, one, three])).body).toMatchObject({ events: ["ReadingProgressed"] });
    expect((await send([one, two, three])).body).toMatchObject({ events: [] });
    expect(await progressOf(bookId)).toMatchObject({ latest: { no: 3 } });
  });

  test("is refused as a whole, and told which entries are wrong", async () => {
    const bookId = await newBook("abc");
    const refused = await send([
      { bookId, ...entry("a", 1) },
      { bookId: "nosuchbook00", ...entry("a", 1) },
      { bookId, ...entry("z", 1) },
    ]);
    expect(refused).toMatchObject({
      status: 404,
      body: { code: "book_not_found", errors: [{ path: "entries.1.bookId" }, { path: "entries.2.chapterId" }] },
    });
    expect(await progressOf(bookId)).toMatchObject({ latest: null });
  });

  test("by a device whose clock is ahead is corrected as a whole, and the answer says so", async () => {
    const bookId = await newBook("abc");
    const now = Date.now();
    const [soon, far] = [4, 64].map((minutes) => new Date(now + minutes * 60_000).toISOString());
    const [last, first, elsewhere] = [entry("b", 1), entry("c", 1), entry("a", 1, "tablet")];
    const { body } = await send([
      { bookId, ...last, readAt: far },
      { bookId, ...first, readAt: soon },
      { bookId, ...elsewhere },
    ]);
    expect(body).toMatchObject({ adjusted: [last.entryId, first.entryId] });
    const written = world.log.eventsOf(`progress-${readerId}`).slice(-3);
    const [one, two, three] = written.map(({ data }) => data as { readAt: string });
    expect([one, two]).toMatchObject([{ readAtRaw: far }, { readAtRaw: soon }]);
    expect(Date.parse(one!.readAt) - Date.parse(two!.readAt)).toBe(3_600_000);
    expect(three).toMatchObject({ readAt: elsewhere.readAt });
    expect(three).not.toHaveProperty("readAtRaw");
    expect(await progressOf(bookId)).toMatchObject({ latest: { no: 2, readAt: one!.readAt } });
  });

  test("by a device that is some five minutes ahead, each entry sent alone, ends where it was read last", async () => {
    const bookId = await newBook("abcdef");
    const ahead = Date.now() + 297_000;
    for (const [index, letter] of [..."abcdef"].entries()) {
      const readAt = new Date(ahead + index * 1_000).toISOString();
      await send([{ bookId, ...entry(letter, 1), readAt }]);
    }
    expect(await progressOf(bookId)).toMatchObject({ latest: { no: 6 }, furthest: { no: 6 } });
  });

  test.each([
    ["no entry", []],
    ["101 entries", Array.from({ length: 101 }, () => ({ bookId: "hongloumeng0", ...entry("a", 1) }))],
    ["an offset beyond 10,000,000", [{ bookId: "hongloumeng0", ...entry("a", 1, "phone", 10_000_001) }]],
    ["an hour and a second", [{ bookId: "hongloumeng0", ...entry("a", 1), activeSeconds: 3_601 }]],
    ["a readAt that is no time", [{ bookId: "hongloumeng0", ...entry("a", 1), readAt: "2026-02-30T00:00:00Z" }]],
    ["a device without a name", [{ bookId: "hongloumeng0", ...entry("a", 1, " ") }]],
  ])("is 400 with %s", async (_, entries) => {
    expect(await send(entries)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});

type Page = {
  items: { bookId: string; unreadChapters: number; hasNewChapters: boolean }[];
  nextCursor: string | null;
};
