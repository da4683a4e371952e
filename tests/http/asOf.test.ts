import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asOfEndpoints } from "../../src/http/replay/asOf.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { readPast } from "../../src/replay/asOf/readPast.ts";
import { type At, minute, recorded, storeOf } from "../replay/asOf/world.ts";
import { bearer, readerId, startApi } from "./startApi.ts";

const gone = randomUUID();
const leaving = randomUUID();
const events: At[] = [readerId, leaving].flatMap((id): At[] => [
  [0, `account-${id}`, { type: "ReaderRegistered", data: { via: "wechat" } }],
  [1, `shelf-${id}`, { type: "BookAddedToShelf", data: { bookId: "hongloumeng1" } }],
  [2, `shelf-${id}`, { type: "ShelfBookPinned", data: { bookId: "hongloumeng1" } }],
]);
events.push([3, `account-${gone}`, { type: "ReaderErased", data: {} }]);
const store = storeOf(recorded(events));

const looks: unknown[] = [];
/** Holds a fold, so that a second request finds one under way. */
let held: Promise<void> | undefined;
const pool = {
  query: async () => ({ rows: [{ bookId: "hongloumeng1", title: "红楼梦" }] }),
} as unknown as Pool;

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi(
    asOfEndpoints({
      pool,
      readPast: async (id, at) => {
        await held;
        return readPast(store, id, at);
      },
      isErased: async (id) => id === leaving,
      audit: (look) => looks.push(look),
    }),
  );
});
afterAll(() => api.close());
beforeEach(() => {
  looks.length = 0;
  held = undefined;
});

const analyst = { headers: { authorization: bearer("analyst") } };
const of = (id: string, at: Date | string) =>
  `/v1/readers/${id}/as-of/${encodeURIComponent(typeof at === "string" ? at : at.toISOString())}`;
const told = async (response: Response) => {
  const { code } = (await response.json()) as { code?: string };
  return [response.status, code];
};

test("an analyst sees a reader's past, and the look is written down", async () => {
  const response = await api.fetch(of(readerId.toUpperCase(), "2026-01-01T08:01:00+08:00"), analyst);
  expect(await response.json()).toMatchObject({
    readerId,
    asOf: minute(1).toISOString(),
    since: minute(0).toISOString(),
    shelf: { books: [{ bookId: "hongloumeng1", title: "红楼梦", addedAt: minute(1).toISOString(), pinned: false }] },
    places: [],
    settings: { fontSize: 14, changedAt: null },
  });
  expect(looks).toEqual([{ analyst: readerId, past: { reader: readerId, asOf: minute(1).toISOString() } }]);
});

test("a reader sees the own past, which is not logged", async () => {
  const response = await api.fetch(`/v1/me/as-of/${minute(2).toISOString()}`);
  expect(await response.json()).toMatchObject({ readerId, shelf: { books: [{ pinned: true }] } });
  expect(response.headers.get("cache-control")).toBe("private, no-cache");
  expect(looks).toEqual([]);
});

test("what has no past is refused with a code", async () => {
  expect(await told(await api.fetch(of(gone, minute(9)), analyst))).toEqual([410, "reader_erased"]);
  expect(await told(await api.fetch(of(leaving, minute(9)), analyst))).toEqual([410, "reader_erased"]);
  expect(await told(await api.fetch(of(randomUUID(), minute(9)), analyst))).toEqual([404, "reader_not_found"]);
  expect(await told(await api.fetch(of(readerId, minute(-1)), analyst))).toEqual([404, "no_past_yet"]);
  for (const time of ["2026-04-01", "spring", "2026-13-01T00:00:00Z", "2026-04-01T00:00:00", "9999-01-01T00:00:00Z"])
    expect(await told(await api.fetch(of(readerId, time), analyst)), time).toEqual([400, "invalid_request"]);
  expect(await told(await api.fetch(of("somebody", minute(9)), analyst))).toEqual([400, "invalid_request"]);
});

test("the past of others is for analysts, and a token of an analyst alone shows nothing of a reader's own", async () => {
  for (const roles of [["reader"], ["operator"]] as const) {
    const response = await api.fetch(of(readerId, minute(2)), { headers: { authorization: bearer(...roles) } });
    expect(await told(response)).toEqual([403, "forbidden"]);
  }
  expect(await told(await api.fetch(`/v1/me/as-of/${minute(2).toISOString()}`, analyst))).toEqual([403, "forbidden"]);
  expect(looks).toEqual([]);
});

test("one account has one past folded at a time", async () => {
  let release = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  const first = api.fetch(of(readerId, minute(2)), analyst);
  await expect.poll(() => looks.length).toBe(1);
  expect(await told(await api.fetch(of(readerId, minute(2)), analyst))).toEqual([429, "too_many_requests"]);
  release();
  expect((await first).status).toBe(200);
  expect((await api.fetch(of(readerId, minute(2)), analyst)).status).toBe(200);
});
