import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { historyEndpoints } from "../../src/http/history/endpoints.ts";
import { featuredEndpoints } from "../../src/http/library/featured.ts";
import { preferencesEndpoints } from "../../src/http/preferences/endpoints.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { bearer, json, readerId, startApi } from "./startApi.ts";

// The commands of history, preferences, settings and features, from the request down to the written events.

const [dream, west, unknown] = ["hongloumeng0", "xiyouji00000", "unknown00000"] as const;
let store: InMemoryEventStore;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  store = inMemoryEventStore();
  const handleCommand = newProcess(store);
  const bookExists = async (bookId: string) => bookId !== unknown;
  const pool = {} as Pool;
  api = await startApi([
    ...historyEndpoints({ handleCommand, bookExists }, pool),
    ...preferencesEndpoints(handleCommand, pool),
    ...featuredEndpoints({ handleCommand, bookExists }, pool),
  ]);
});
afterAll(() => api.close());

type Answer = { status: number; events?: string[]; code?: string };
async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const sent = body === undefined ? { headers } : { ...json(body), headers: { ...json(body).headers, ...headers } };
  const response = await api.fetch(`/v1${path}`, { method, ...sent });
  const { events, code } = (await response.json()) as Omit<Answer, "status">;
  return { status: response.status, ...(events && { events }), ...(code && { code }) };
}
const writtenTo = (stream: string) => store.eventsOf(stream).map(({ type, data }) => ({ type, data }));
const done = (...events: string[]) => ({ status: 200, events });
const refused = (status: number, code: string) => ({ status, code });

describe("the history", () => {
  const written = () => writtenTo(`history-${readerId}`);

  test("has nothing to take back before the first removal", async () => {
    expect(await send("POST", "/history/undo")).toEqual(refused(409, "nothing_to_undo"));
  });

  test("takes books of the library, each opening once", async () => {
    expect(await send("PUT", `/history/${dream}`)).toEqual(done("BookOpened"));
    expect(await send("PUT", `/history/${dream}`)).toEqual(done());
    expect(await send("PUT", `/history/${west}`)).toEqual(done("BookOpened"));
    expect(await send("PUT", `/history/${unknown}`)).toEqual(refused(404, "book_not_found"));
    expect(written().map(({ data }) => data)).toMatchObject([
      { bookId: dream, visit: 1, forgotten: null },
      { bookId: west, visit: 2, forgotten: null },
    ]);
  });

  test("loses one book or all, and has them back by an undo, which a repeat with its key does not do twice", async () => {
    expect(await send("DELETE", `/history/${unknown}`)).toEqual(done());
    expect(await send("DELETE", `/history/${dream}`)).toEqual(done("BookRemovedFromHistory"));
    expect(await send("POST", "/history/undo")).toEqual(done("BooksReturnedToHistory"));
    expect(await send("DELETE", "/history")).toEqual(done("BrowseHistoryCleared"));
    expect(await send("DELETE", "/history")).toEqual(done());
    const key = { "idempotency-key": "0190a5d0-0000-7000-8000-00000000ffff" };
    expect(await send("POST", "/history/undo", undefined, key)).toEqual(done("BooksReturnedToHistory"));
    expect(await send("DELETE", "/history")).toEqual(done("BrowseHistoryCleared"));
    expect(await send("POST", "/history/undo", undefined, key)).toEqual(done("BooksReturnedToHistory"));
    expect(written().at(-1)?.type).toBe("BrowseHistoryCleared");
    expect(await send("DELETE", `/history/${dream}`, undefined, key)).toEqual(refused(422, "idempotency_key_reused"));
  });
});

describe("preferences and settings", () => {
  test("are changed in part, and only if that changes something", async () => {
    expect(await send("PUT", "/preferences", { channel: "female", categoryIds: ["c00000000001"] })).toEqual(
      done("ReadingPreferenceChosen"),
    );
    expect(await send("PUT", "/preferences", { channel: "female" })).toEqual(done());
    expect(await send("PUT", "/preferences", { channel: null, progressPolicy: "furthest" })).toEqual(
      done("ReadingPreferenceChosen"),
    );
    expect(await send("PUT", "/settings", { fontSize: 20 })).toEqual(done("ReaderSettingsAdjusted"));
    expect(await send("PUT", "/settings", {})).toEqual(done());
    expect(writtenTo(`preferences-${readerId}`).map(({ data }) => data)).toMatchObject([
      { channel: "female", categoryIds: ["c00000000001"], progressPolicy: "ask" },
      { channel: null, categoryIds: ["c00000000001"], progressPolicy: "furthest" },
      { brightness: 30, fontSize: 20, background: "B1", pageTurn: "T1", lineSpacing: 150 },
    ]);
  });

  test.each<[string, unknown]>([
    ["/preferences", { channel: "children" }],
    ["/preferences", { categoryIds: ["c00000000001", "c00000000001"] }],
    ["/preferences", { progressPolicy: null }],
    ["/settings", { brightness: 9 }],
    ["/settings", { brightness: "30" }],
    ["/settings", { pageTurn: "T0" }],
    ["/settings", { theme: "B1" }],
  ])("%s refuses %j", async (path, body) => {
    expect(await send("PUT", path, body)).toEqual(refused(400, "invalid_request"));
  });
});

describe("what is featured", () => {
  const operator = { authorization: bearer("operator") };
  const feature = (bookIds: string[], headers = operator) =>
    send("POST", "/library/featured", { channel: "male", bookIds }, headers);

  test("is a list that operators set, of books that the library has", async () => {
    expect(await feature([dream, west])).toEqual(done("BookFeatured", "BookFeatured"));
    expect(await feature([dream, west])).toEqual(done());
    expect(await feature([west])).toEqual(done("BookUnfeatured", "BookFeatured"));
    expect(await feature([west, unknown])).toEqual(refused(404, "book_not_found"));
    expect(await feature([])).toEqual(done("BookUnfeatured"));
    expect(writtenTo("featured-male")).toHaveLength(5);
  });

  test("is not set by readers, nor longer than 50, nor for another channel", async () => {
    expect(await feature([dream], { authorization: bearer("reader") })).toEqual(refused(403, "forbidden"));
    const many = Array.from({ length: 51 }, (_, number) => String(number).padStart(12, "0"));
    expect(await feature(many)).toEqual(refused(400, "invalid_request"));
    expect(await send("POST", "/library/featured", { channel: "any", bookIds: [] }, operator)).toEqual(
      refused(400, "invalid_request"),
    );
  });
});
