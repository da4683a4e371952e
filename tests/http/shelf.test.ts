import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { json, readerId, startApi } from "./startApi.ts";

const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;

// The shelf's commands from the request down to the written events.
let store: InMemoryEventStore;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  store = inMemoryEventStore();
  const handleCommand = newProcess(store);
  const commands = { handleCommand, bookExists: async () => true, capacity: 3 };
  api = await startApi(shelfEndpoints(commands, {} as Pool));
});
afterAll(() => api.close());

type Answer = { status: number; events?: string[]; code?: string };
async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await api.fetch(`/v1/shelf${path}`, { method, ...(body === undefined ? {} : json(body)) });
  const { events, code } = (await response.json()) as Omit<Answer, "status">;
  return { status: response.status, ...(events && { events }), ...(code && { code }) };
}
const written = () => store.eventsOf(`shelf-${readerId}`).map(({ type, data }) => ({ type, data }));
const done = (...events: string[]) => ({ status: 200, events });
const refused = (status: number, code: string) => ({ status, code });

/** An empty shelf for each test. */
beforeEach(async () => {
  const groups = await send("DELETE", "/groups/night");
  const books = await send("POST", "/remove", { bookIds: [dream, west, "another00000"] });
  expect([groups.status, books.status]).toEqual([200, 200]);
  for (const group of ["old", "pin", "group"]) await send("DELETE", `/groups/${group}`);
});

describe("the routes of the shelf", () => {
  test("take fixed words for no book and no group", async () => {
    expect(await send("PUT", "/order", { bookIds: [] })).toEqual(done());
    expect(await send("PUT", "/groups/order", { groups: [] })).toEqual(done());
    expect(await send("DELETE", "/order")).toEqual(refused(405, "method_not_allowed"));
    expect(await send("DELETE", "/groups/order")).toEqual(refused(405, "method_not_allowed"));
    expect(await send("PUT", "/remove")).toEqual(refused(405, "method_not_allowed"));
    expect(await send("PUT", "/last-read")).toEqual(refused(405, "method_not_allowed"));
    expect(await send("DELETE", "/undo")).toEqual(refused(405, "method_not_allowed"));
    expect(await send("DELETE", "/groups")).toEqual(refused(405, "method_not_allowed"));
  });

  test("take a group called pin or group for a group", async () => {
    expect(await send("PUT", "/groups/pin", { name: "置顶" })).toEqual(done("ShelfGroupCreated"));
    expect(await send("PUT", "/groups/group", { name: "分组" })).toEqual(done("ShelfGroupCreated"));
    expect(await send("DELETE", "/groups/pin")).toEqual(done("ShelfGroupDeleted"));
  });
});

describe("a book", () => {
  test("is put into a group when it is shelved, moved by a second PUT, and left where it is by one without a group", async () => {
    await send("PUT", "/groups/night", { name: "夜读" });
    expect(await send("PUT", `/${dream}`, { group: "night" })).toEqual(
      done("BookAddedToShelf", "ShelfBookMovedToGroup"),
    );
    expect(await send("PUT", `/${dream}`)).toEqual(done());
    expect(await send("PUT", `/${dream}`, {})).toEqual(done());
    expect(await send("PUT", `/${dream}`, { group: "old" })).toEqual(refused(404, "group_not_found"));
    expect(await send("PUT", `/${dream}`, { group: null })).toEqual(done("ShelfBookMovedToGroup"));
    expect(written().at(-1)?.data).toEqual({ bookId: dream, group: null });
  });

  test("that is not on the shelf is neither pinned nor moved", async () => {
    expect(await send("PUT", `/${west}/pin`)).toEqual(refused(404, "book_not_on_shelf"));
    expect(await send("DELETE", `/${west}/pin`)).toEqual(refused(404, "book_not_on_shelf"));
    expect(await send("PUT", `/${west}/group`, { group: null })).toEqual(refused(404, "book_not_on_shelf"));
  });

  test("is pinned and moved once", async () => {
    await send("PUT", `/${west}`);
    await send("PUT", "/groups/night", { name: "夜读" });
    expect(await send("PUT", `/${west}/pin`)).toEqual(done("ShelfBookPinned"));
    expect(await send("PUT", `/${west}/pin`)).toEqual(done());
    expect(await send("DELETE", `/${west}/pin`)).toEqual(done("ShelfBookUnpinned"));
    expect(await send("DELETE", `/${west}/pin`)).toEqual(done());
    expect(await send("PUT", `/${west}/group`, { group: "night" })).toEqual(done("ShelfBookMovedToGroup"));
    expect(await send("PUT", `/${west}/group`, { group: "night" })).toEqual(done());
    expect(await send("PUT", `/${west}/group`, { group: "old" })).toEqual(refused(404, "group_not_found"));
  });

  test("is one of many that go at once; those that are not there are ignored", async () => {
    await send("PUT", `/${west}`);
    await send("PUT", `/${dream}`);
    expect(await send("POST", "/remove", { bookIds: [dream, "unknown00000", west, dream] })).toEqual(
      done("BookRemovedFromShelf", "BookRemovedFromShelf"),
    );
  });

  test("is put into an order, with an event only if that changes something", async () => {
    await send("PUT", `/${west}`);
    await send("PUT", `/${dream}`);
    expect(await send("PUT", "/order", { bookIds: [west, "unknown00000", dream] })).toEqual(
      done("ShelfBooksReordered"),
    );
    expect(written().at(-1)?.data).toEqual({ moves: [{ ids: [west], after: null, before: dream }] });
    expect(await send("PUT", "/order", { bookIds: [west] })).toEqual(done());
  });
});

describe("an undo", () => {
  test("brings back what was removed last, by DELETE or as one of many, and once", async () => {
    for (const bookId of [west, dream]) await send("PUT", `/${bookId}`);
    await send("PUT", `/${west}/pin`);
    await send("DELETE", `/${west}`);
    expect(await send("POST", "/undo")).toEqual(done("BookReturnedToShelf"));
    expect(written().at(-1)?.data).toEqual({ bookId: west, pinned: true, group: null, after: dream, before: null });
    expect(await send("POST", "/undo")).toEqual(done());
    await send("POST", "/remove", { bookIds: [west, dream] });
    expect(await send("POST", "/undo", {})).toEqual(done("BookReturnedToShelf", "BookReturnedToShelf"));
    expect(await send("POST", "/undo", { bookIds: [west] })).toEqual(refused(400, "invalid_request"));
  });

  test("finds no room on a shelf that was filled since", async () => {
    await send("PUT", `/${west}`);
    await send("DELETE", `/${west}`);
    for (const bookId of [dream, "another00000", "athird000000"]) await send("PUT", `/${bookId}`);
    expect(await send("POST", "/undo")).toEqual(refused(409, "shelf_full"));
    await send("DELETE", "/athird000000");
  });
});

describe("a group", () => {
  test("has a trimmed name that no other group of the shelf has, and is renamed by one event", async () => {
    expect(await send("PUT", "/groups/night", { name: "　夜读 " })).toEqual(done("ShelfGroupCreated"));
    expect(written().at(-1)?.data).toEqual({ group: "night", name: "夜读" });
    expect(await send("PUT", "/groups/night", { name: "夜读" })).toEqual(done());
    expect(await send("PUT", "/groups/old", { name: "夜读" })).toEqual(refused(409, "group_name_taken"));
    expect(await send("PUT", "/groups/night", { name: "睡前" })).toEqual(done("ShelfGroupRenamed"));
  });

  test("is one of 100 at most", async () => {
    const groups = Array.from({ length: 100 }, (_, n) => `g${n}`);
    for (const group of groups) {
      expect(await send("PUT", `/groups/${group}`, { name: group })).toEqual(done("ShelfGroupCreated"));
    }
    expect(await send("PUT", "/groups/night", { name: "夜读" })).toEqual(refused(409, "too_many_groups"));
    expect(await send("PUT", "/groups/order", { groups: groups.toReversed() })).toEqual(done("ShelfGroupsReordered"));
    for (const group of groups) await send("DELETE", `/groups/${group}`);
  });
});
