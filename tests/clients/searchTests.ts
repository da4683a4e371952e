import { describe, expect, test } from "vitest";
import { createTextSearch } from "../../clients/miniprogram/src/index.ts";
import { until } from "../support/waiting.ts";
import type { NewDevice } from "./offlineTests.ts";

/** Searches with the client, on a running system. */
export function searchTests(device: NewDevice, books: () => readonly string[]) {
  const titleOf = async (bookId: string) =>
    (await device("nobody").client.send("GET /v1/books/{bookId}", { params: { bookId } })).title;

  describe("searches", () => {
    test("of who is logged in are in the history, which can be shortened; of others nowhere, and nobody logs in", async () => {
      const title = await titleOf(books()[0]!);
      const [reader, stranger] = [device("seeker"), device("a stranger")];
      await reader.client.login();
      await until("the book is found", async () => {
        const { exact, matches, recommended } = await reader.client.send("GET /v1/search", { query: { q: title } });
        const all = [...exact, ...matches, ...recommended].map(({ bookId }) => bookId);
        expect(new Set(all).size).toBe(all.length);
        return exact.some((book) => book.title === title);
      });
      await stranger.client.send("GET /v1/search", { query: { q: title } });
      expect([stranger.logins, stranger.client.readerId()]).toEqual([[], undefined]);

      const history = async () => (await reader.client.send("GET /v1/search/history")).items.map((one) => one.keyword);
      await until("the search is in the history", async () => (await history()).includes(title));
      // Queried only now: hot searches are cached for a minute.
      const { items: hot } = await stranger.client.send("GET /v1/search/hot");
      expect(hot.map(({ keyword }) => keyword)).toContain(title);
      await reader.client.send("POST /v1/search/history/remove", { body: { keyword: title } });
      expect(await history()).toEqual([]);
      const { events } = await reader.client.send("DELETE /v1/search/history");
      expect(events).toEqual([]);
    });

    test("are suggested from the first letter, and found in a text", async () => {
      const { client } = device("somebody");
      const bookId = books()[0]!;
      const title = await titleOf(bookId);
      const { items } = await client.send("GET /v1/search/suggest", { query: { q: title.slice(0, 1) } });
      expect(items.map((one) => one.title)).toContain(title);
      const chapter = await client.send("GET /v1/books/{bookId}/chapters/{chapter}", {
        params: { bookId, chapter: "no:1" },
      });
      const q = chapter.text.trim().slice(0, 4);
      const [first] = (await createTextSearch({ client, bookId, q }).next()) ?? [];
      expect(first?.chapterId).toBe(chapter.chapterId);
      expect(chapter.text.slice(first!.offset, first!.offset + first!.length)).toBe(q);
    });
  });
}
