import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type Client,
  createLocalCopy,
  createProgressQueue,
  type QueueProblem,
} from "../../clients/miniprogram/src/index.ts";
import type { Fate, wxShim } from "./wxShim.ts";

type Device = ReturnType<typeof wxShim> & { client: Client };
export type NewDevice = (
  user: string,
  fates?: { path?: RegExp; fates?: Fate[]; storage?: Map<string, unknown> },
) => Device;

/** What the client does for readers without a network, on a running system. */
export function offlineTests(device: NewDevice, books: () => readonly string[]) {
  const queueOf = ({ client, wx }: Device, batchSize: number) => {
    const problems: QueueProblem[] = [];
    const onProblem = (problem: QueueProblem) => void problems.push(problem);
    const waits = { delayMs: 2 ** 30, pauseMs: 2 ** 30 };
    return { problems, ...createProgressQueue({ client, wx, onProblem, batchSize, ...waits }) };
  };
  const chaptersOf = async ({ client }: Device, bookId: string) => {
    const { items } = await client.send("GET /v1/books/{bookId}/chapters", { params: { bookId } });
    return items.map(({ chapterId }) => chapterId);
  };
  const minute = (minutes: number) => new Date(Date.UTC(2026, 2, 1, 12, minutes));

  describe("places that were read offline", () => {
    test("are all recorded once, in order, in spite of lost answers, a hidden app and a killed one", async () => {
      const bookId = books()[0]!;
      const fates: Fate[] = ["unheard", "lost", "sent", { status: 503, body: { code: "stream_busy", detail: "" } }];
      let phone = device("offline", { path: /\/v1\/reading\/progress$/, fates });
      const chapterId = (await chaptersOf(phone, bookId))[0]!;
      let queue = queueOf(phone, 4);
      await phone.client.login();
      const ids: string[] = [];
      for (let count = 0; count < 10; count++) {
        const place = { bookId, chapterId, offset: count, activeSeconds: 60, readAt: minute(count) };
        ids.push(await queue.add(place));
      }
      expect(await queue.flush()).toBe(10);
      phone.happens("hide");
      expect(await queue.flush()).toBe(10);
      expect(await queue.flush()).toBe(6);
      phone.kill();

      phone = device("offline", { storage: phone.storage });
      queue = queueOf(phone, 4);
      expect(await queue.flush()).toBe(0);
      const { streams } = await phone.client.send("GET /v1/me/export");
      const events = Object.entries(streams).find(([name]) => name.startsWith("progress"))?.[1] ?? [];
      expect(events.map(({ data }) => (data as { entryId: string }).entryId)).toEqual(ids);
      const { latest } = await phone.client.send("GET /v1/reading/{bookId}/progress", { params: { bookId } });
      expect(latest).toMatchObject({ chapterId, offset: 9, readAt: minute(9).toISOString() });
      const query = { from: "2026-03-01", to: "2026-03-01", tz: "UTC" };
      expect(await phone.client.send("GET /v1/reading/stats", { query })).toMatchObject({ seconds: 600 });
    });

    test("that the server refuses are set aside and reported, and the others continue", async () => {
      const bookId = books()[0]!;
      const phone = device("refused");
      const [one, two] = (await chaptersOf(phone, bookId)) as [string, string];
      const queue = queueOf(phone, 10);
      const place = { bookId, chapterId: one, offset: 3, activeSeconds: 60 };
      await queue.add(place);
      const badId = await queue.add({ ...place, chapterId: "aaaaaaaaaaaa" });
      const invalidId = await queue.add({ ...place, offset: -1 });
      await queue.add({ ...place, chapterId: two });
      expect(await queue.flush()).toBe(0);
      const told = queue.problems.flatMap((one) =>
        one.kind === "refused" ? one.entries.map(({ entryId }) => [entryId, one.error.code]) : [one.kind],
      );
      expect(told).toEqual([
        [invalidId, "invalid_request"],
        [badId, "chapter_not_found"],
      ]);
      const { items } = await phone.client.send("GET /v1/reading/{bookId}/positions", { params: { bookId } });
      expect(items).toMatchObject([{ chapterId: two }]);
    });
  });

  describe("a copy on the device", () => {
    test("has what another device did, after a restart too, and starts over when its token has expired", async () => {
      const [read, shelved, removed] = books() as [string, string, string];
      const phone = device("copy");
      const tablet = device("copy", { path: /\/v1\/changes/ });
      const { client } = phone;
      const chapterId = (await chaptersOf(phone, read))[0]!;
      await client.send("PUT /v1/shelf/groups/{group}", { params: { group: "constructor" }, body: { name: "夜读" } });
      for (const bookId of [shelved, removed]) await client.send("PUT /v1/shelf/{bookId}", { params: { bookId } });
      const params = { bookId: shelved };
      await client.send("PUT /v1/shelf/{bookId}/group", { params, body: { group: "constructor" } });
      await client.send("PUT /v1/history/{bookId}", { params: { bookId: read } });
      await client.send("PUT /v1/settings", { body: { brightness: 55 } });
      await client.send("PUT /v1/preferences", { body: { progressPolicy: "latest" } });
      const queue = queueOf(phone, 20);
      await queue.add({ bookId: read, chapterId, offset: 5, activeSeconds: 1 });
      await queue.flush();

      // The phone's own copy waits for what the phone wrote; the tablet's comes when the phone has seen all of it.
      const own = createLocalCopy(phone);
      await own.sync();
      const copy = createLocalCopy(tablet);
      await copy.sync();
      const whole = (one: typeof copy) =>
        (["book", "group", "place", "history", "preferences", "settings"] as const).map((kind) => [...one.all(kind)]);
      expect(whole(copy)).toEqual(whole(own));
      expect(copy.get("book", shelved)).toMatchObject({ group: "constructor", pinned: false });
      expect([...copy.all("book").keys()].sort()).toEqual([shelved, removed].sort());
      expect(copy.get("group", "constructor")?.name).toBe("夜读");
      expect(copy.get("group", "toString")).toBeUndefined();
      expect(copy.get("place", read)).toMatchObject({ chapterId, offset: 5 });
      expect(copy.get("history", read)?.openedAt).toMatch(/Z$/);
      expect([copy.get("settings", "")?.brightness, copy.get("preferences", "")?.progressPolicy]).toEqual([
        55,
        "latest",
      ]);

      await client.send("DELETE /v1/shelf/{bookId}", { params: { bookId: removed } });
      await own.sync();
      tablet.kill();
      const expired = { status: 410, body: { code: "token_expired", detail: "ask without one" } };
      const later = device("copy", { storage: tablet.storage, path: /\/v1\/changes\?since/, fates: ["sent", expired] });
      const again = createLocalCopy(later);
      expect(whole(again)).toEqual(whole(copy));
      await again.sync();
      expect([...again.all("book").keys()]).toEqual([shelved]);
      // An item that is only in the copy is gone after the copy was rebuilt.
      later.storage.set("heima.copy.book", JSON.stringify([["aaaaaaaaaaaa", {}]]));
      const last = createLocalCopy(later);
      expect(last.all("book").size).toBe(1);
      await last.sync();
      expect(whole(last)).toEqual(whole(own));
    });
  });

  test("a reader's other things: bookmarks, rounds, undo, the start, logins, and going for good", async () => {
    const bookId = books()[0]!;
    const phone = device("going");
    const { client } = phone;
    const chapterId = (await chaptersOf(phone, bookId))[0]!;
    const bookmark = { bookId, bookmarkId: randomUUID() };
    await client.send("PUT /v1/reading/{bookId}/bookmarks/{bookmarkId}", {
      params: bookmark,
      body: { chapterId, offset: 2, note: "好句" },
    });
    const bookmarks = await client.send("GET /v1/reading/{bookId}/bookmarks", { params: { bookId } });
    expect(bookmarks.items).toMatchObject([{ bookmarkId: bookmark.bookmarkId, note: "好句" }]);
    await client.send("PUT /v1/reading/{bookId}/finished", { params: { bookId } });
    await client.send("POST /v1/reading/{bookId}/rounds", { params: { bookId } });
    const rounds = await client.send("GET /v1/reading/{bookId}/rounds", { params: { bookId } });
    expect(rounds.items.map(({ round }) => round)).toEqual([2, 1]);
    await client.send("PUT /v1/shelf/{bookId}", { params: { bookId } });
    await client.send("DELETE /v1/shelf/{bookId}", { params: { bookId } });
    expect((await client.send("POST /v1/shelf/undo")).events).toEqual(["BookReturnedToShelf"]);
    const { reader, shelf } = await client.send("GET /v1/start");
    expect([reader.id, shelf.items.length]).toEqual([client.readerId(), 1]);
    expect((await client.send("GET /v1/me/logins")).items).toMatchObject([{ current: true }]);

    const queue = queueOf(phone, 20);
    await queue.add({ bookId, chapterId, offset: 5, activeSeconds: 1 });
    const spared = device("going", { storage: new Map(phone.storage) });
    expect((await client.send("DELETE /v1/me")).state).toMatch(/^eras/);
    expect(client.readerId()).toBeUndefined();
    await expect(spared.client.send("GET /v1/me")).rejects.toMatchObject({ code: "reader_erased" });
    expect([spared.client.readerId(), spared.logins]).toEqual([undefined, []]);
    // Queued entries cause no login. Whoever logs in is a new reader, and gets none of them.
    phone.happens("hide");
    expect(await queue.flush()).toBe(1);
    expect([client.readerId(), phone.logins.length]).toEqual([undefined, 1]);
    await client.login();
    await queue.flush();
    expect(queue.problems).toMatchObject([{ kind: "dropped", entries: [{ bookId }] }]);
  });
}
