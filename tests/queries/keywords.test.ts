import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createKeywordRecorder } from "../../src/commands/keywords/recordKeywords.ts";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { keywordsEndpoints } from "../../src/http/keywords/endpoints.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { createHotLookup } from "../../src/queries/keywords/isHot.ts";
import { newProcess } from "../commands/fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { bearer, json, readerId, startApi } from "../http/startApi.ts";
import { logger } from "../projections/fixtures.ts";
import { freshDatabase } from "../support/database.ts";
import { foldingLog } from "./foldLog.ts";
import { createReadModelTables } from "./readModelTables.ts";

// Search terms, from the searches and commands through the log and the read models to the answers.

const noon = Date.UTC(2026, 2, 10, 12);
const dayMs = 86_400_000;
const others = ["1", "2", "3"].map((last) => `01890a5d-ac96-774b-bcce-b30209900${last}00`);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let builds: readonly Build[];
let log: InMemoryEventStore;
let fold: () => Promise<void>;
let api: Awaited<ReturnType<typeof startApi>>;
let now: Date;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger });
  builds = await createReadModelTables(pool);
  log = inMemoryEventStore();
  fold = foldingLog(pool, builds, log);
  api = await startApi(keywordsEndpoints(newProcess(log), pool, () => now));
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  now = new Date(noon);
});

/** Searches at `now`; without a reader, by an address. */
async function search(keyword: string, who: { reader?: string; address?: string; results?: number } = {}) {
  const recorder = createKeywordRecorder({
    eventStore: log,
    logger,
    now: () => now,
    count: () => {},
    visitorOf: async (address) => address.padEnd(22, "_"),
  });
  const { reader, address = "", results } = who;
  recorder.record({ keyword, results, readerId: reader, address, correlationId: "request" });
  await recorder.close();
  Object.assign(log.log.at(-1) ?? {}, { created: now });
}
async function send(method: string, path: string, as = bearer("reader"), keyword?: string) {
  const sent = keyword === undefined ? { headers: {} } : json({ keyword });
  const headers = { ...sent.headers, authorization: as };
  const response = await api.fetch(`/v1/search${path}`, { method, ...sent, headers });
  const body = (await response.json()) as { events?: string[]; code?: string };
  return [response.status, body.code ?? body.events?.join()];
}
async function shown(path: string, as = bearer("reader")) {
  await fold();
  const response = await api.fetch(`/v1/search${path}`, { headers: { authorization: as } });
  expect(response.status).toBe(200);
  const { items } = (await response.json()) as { items: { keyword: string; heat: number }[] };
  return items;
}
const forget = (keyword: string) => send("POST", "/history/remove", bearer("reader"), keyword);
const keywordsOf = (items: readonly { keyword: string }[]) => items.map(({ keyword }) => keyword);
const operator = bearer("operator");

describe("hot searches", () => {
  test("are counted by people and days, and halve in a day and a half", async () => {
    now = new Date(noon - 3 * dayMs);
    for (const reader of others) await search("西游记", { reader });
    now = new Date(noon);
    for (let times = 0; times < 5; times++) await search("红楼梦", { reader: readerId });
    await search("《紅樓夢》", { address: "one" });
    await search("紅樓夢", { address: "one" });
    await search("红楼梦", { address: "two" });
    for (let times = 0; times < 9; times++) await search("没有这本书", { address: `bot${times}`, results: 0 });
    expect(await shown("/hot")).toEqual([
      { keyword: "红楼梦", heat: 3_000 },
      { keyword: "西游记", heat: 750 },
    ]);
    expect(await shown("/hot?limit=1")).toHaveLength(1);
    now = new Date(noon + 20 * dayMs);
    expect(await shown("/hot")).toEqual([]);
  });

  test("leave out what contains a blocked keyword, however it is written, until it is let in again", async () => {
    await search("红楼梦续书", { address: "two" });
    const path = `/blocked/${encodeURIComponent("《紅樓夢》")}`;
    expect(await send("PUT", path)).toEqual([403, "forbidden"]);
    expect(await send("PUT", path, operator)).toEqual([200, "KeywordBlocked"]);
    expect(await send("PUT", `/blocked/${encodeURIComponent("红楼梦")}`, operator)).toEqual([200, ""]);
    await search("红\ufe0f楼\u034f梦\u{e0100}全集", { address: "two" });
    expect(keywordsOf(await shown("/hot"))).toEqual(["西游记"]);
    expect(await shown("/blocked", operator)).toMatchObject([{ keyword: "《紅樓夢》" }]);
    expect(await send("DELETE", `/blocked/${encodeURIComponent("红楼梦")}`, operator)).toEqual([
      200,
      "KeywordUnblocked",
    ]);
    expect(keywordsOf(await shown("/hot"))).toContain("红楼梦续书");
    expect(await shown("/blocked", operator)).toEqual([]);
    expect(await send("PUT", `/blocked/${encodeURIComponent("《》")}`, operator)).toEqual([400, "invalid_request"]);
  });

  test("are looked up at most once a minute", async () => {
    await fold();
    const isHotNow = createHotLookup(pool, () => now);
    expect((await isHotNow())("紅樓夢")).toBe(true);
    expect((await isHotNow())("水浒传")).toBe(false);
    await search("水浒传", { address: "two" });
    await fold();
    now = new Date(noon + 59_999);
    expect((await isHotNow())("水浒传")).toBe(false);
    now = new Date(noon + 60_000);
    expect((await isHotNow())("水浒传")).toBe(true);
  });
});

test("nothing is hot while Postgres does not tell, and it is asked again", async () => {
  let isAway = true;
  const flaky = new Proxy(pool, {
    get(target, name) {
      if (name === "query" && isAway) return () => Promise.reject(new Error("keywords_v2.keyword_days does not exist"));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const isHotNow = createHotLookup(flaky, () => now);
  expect((await isHotNow())("红楼梦")).toBe(false);
  isAway = false;
  expect((await isHotNow())("红楼梦")).toBe(true);
});

describe("a reader's own searches", () => {
  const history = async () => keywordsOf(await shown("/history"));

  test("are the last 20, each once as it was typed last", async () => {
    for (let n = 0; n < 22; n++) await search(`书${n}`, { reader: readerId });
    await search("書 20", { reader: readerId });
    await search("别人的", { reader: others[0] ?? "" });
    await search("谁的", { address: "two" });
    const last = ["書 20", "书21", "书19", "书18"];
    expect((await history()).slice(0, 4)).toEqual(last);
    expect(await history()).toHaveLength(20);
    expect((await shown("/history"))[0]).toEqual({ keyword: "書 20", searchedAt: now.toISOString() });
  });

  test("are forgotten one by one or all, and then count no more", async () => {
    expect(await forget("书 20")).toEqual([200, "KeywordForgotten"]);
    expect(await forget("书 20")).toEqual([200, ""]);
    expect(await history()).not.toContain("書 20");
    expect(keywordsOf(await shown("/hot?limit=100"))).not.toContain("書 20");
    expect(await send("DELETE", "/history")).toEqual([200, "SearchHistoryCleared"]);
    expect(await send("DELETE", "/history")).toEqual([200, ""]);
    expect(await history()).toEqual([]);
    await search("A/B?", { reader: readerId });
    expect(await history()).toEqual(["A/B?"]);
    expect(await forget("a/b")).toEqual([200, "KeywordForgotten"]);
    expect(await history()).toEqual([]);
  });

  test("go with the reader who is erased, from the hot ones too; nobody's stay", async () => {
    await search("只有我", { reader: readerId });
    await search("谁都行", { address: "two" });
    expect(keywordsOf(await shown("/hot?limit=100"))).toEqual(expect.arrayContaining(["只有我", "谁都行"]));
    const erased: HeimaEvent = { type: "ReaderErased", data: {} };
    const metadata = { ...log.log.at(-1)!.metadata, schemaVersion: 1 };
    await log.append(`account-${readerId}`, "no_stream", [{ id: "erased".padEnd(36, "0"), ...erased, metadata }]);
    expect(await history()).toEqual([]);
    const hot = keywordsOf(await shown("/hot?limit=100"));
    expect(hot).toContain("谁都行");
    expect(hot).not.toContain("只有我");
  });

  test("are what a keyword may be, and for readers only", async () => {
    for (const keyword of ["字".repeat(51), "", "《》"])
      expect(await forget(keyword)).toEqual([400, "invalid_request"]);
    expect(await send("DELETE", "/history", "Bearer nonsense")).toEqual([401, "token_invalid"]);
  });
});
