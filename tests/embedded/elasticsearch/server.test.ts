import { Client } from "@elastic/elasticsearch";
import { afterEach, expect, it } from "vitest";
import { startElasticsearch } from "../../../embedded/elasticsearch/server.ts";

let stop: (() => Promise<void>) | undefined;
afterEach(async () => stop?.());

async function started(now: () => number) {
  const server = await startElasticsearch({ host: "127.0.0.1", port: 0, now });
  const client = new Client({ node: server.url });
  stop = async () => {
    await client.close();
    await server.close();
  };
  return client;
}

it("shows what was written at the next stroke of the refresh interval, and to a get at once", async () => {
  let now = 10_000;
  const client = await started(() => now);
  await client.indices.create({ index: "books" });
  now += 100;
  await client.index({ index: "books", id: "1", document: { title: "剑来" } });
  expect((await client.count({ index: "books" })).count).toBe(0);
  expect((await client.get({ index: "books", id: "1" })).found).toBe(true);
  now += 899;
  expect((await client.count({ index: "books" })).count).toBe(0);
  now += 1;
  expect((await client.count({ index: "books" })).count).toBe(1);
});

it("never shows by itself what an index without a refresh interval was given", async () => {
  let now = 10_000;
  const client = await started(() => now);
  await client.indices.create({ index: "books", settings: { refresh_interval: -1 } });
  await client.index({ index: "books", id: "1", document: { title: "剑来" } });
  now += 1_000_000;
  expect((await client.count({ index: "books" })).count).toBe(0);
  await client.indices.refresh({ index: "books" });
  expect((await client.count({ index: "books" })).count).toBe(1);
});

it("remembers the version of a deleted document for index.gc_deletes and no longer", async () => {
  let now = 10_000;
  const client = await started(() => now);
  const write = (version: number) =>
    client.index({ index: "books", id: "1", version, version_type: "external", document: {} });
  await write(7);
  await client.delete({ index: "books", id: "1", version: 8, version_type: "external" });
  now += 60_000;
  await expect(write(5)).rejects.toThrow("current version [8] is higher or equal to the one provided [5]");
  now += 1;
  expect((await write(5)).result).toBe("created");
});

it("keeps a point in time as it was until its time is over", async () => {
  let now = 10_000;
  const client = await started(() => now);
  await client.index({ index: "books", id: "1", document: { n: 1 }, refresh: true });
  const { id } = await client.openPointInTime({ index: "books", keep_alive: "1m" });
  await client.delete({ index: "books", id: "1", refresh: true });
  const hits = async () => (await client.search({ pit: { id, keep_alive: "1m" } })).hits.hits.map(({ _id }) => _id);
  expect(await hits()).toEqual(["1"]);
  now += 59_000;
  expect(await hits()).toEqual(["1"]);
  now += 61_000;
  await expect(hits()).rejects.toThrow("search_context_missing_exception");
});

it("forgets replaced documents in its scores when segments are merged", async () => {
  const client = await started(Date.now);
  const ids = Array.from({ length: 11 }, (_, id) => String(id));
  const write = (id: string) => client.index({ index: "books", id, document: { title: "来" }, refresh: true });
  const score = async (index: string) =>
    (await client.search({ index, query: { match: { title: "剑" } } })).hits.max_score;
  const operations = ids.flatMap((_id) => [{ index: { _id } }, { title: _id === "0" ? "剑" : "来" }]);
  await client.bulk({ index: "clean", refresh: true, operations });
  await client.bulk({ index: "books", refresh: true, operations });
  await write("10");
  // The replaced one still counts: twelve documents, as far as the statistics know.
  expect(await score("books")).not.toBe(await score("clean"));
  for (const id of ids.slice(1, 10)) await write(id);
  expect(await score("books")).toBe(await score("clean"));
});

it("tells what is wrong with the id of a point in time, and never fails on one", async () => {
  const client = await started(Date.now);
  await client.index({ index: "books", id: "1", document: {}, refresh: true });
  const { id } = await client.openPointInTime({ index: "books", keep_alive: "1m" });
  const refused = (pit: unknown) =>
    client.search({ pit } as never).then(
      () => "found",
      (error: { meta: { statusCode: number; body: { error: { reason: string } } } }) =>
        `${error.meta.statusCode} ${error.meta.body.error.reason}`,
    );
  expect(await refused({ id })).toBe("found");
  expect(await refused({})).toBe("400 point in time id is not provided");
  expect(await refused({ id: 1 })).toBe("400 [1:14] [pit] id doesn't support values of type: VALUE_NUMBER");
  expect(await refused({ id: "x" })).toBe("400 [1:14] [pit] failed to parse field [id]");
  expect(await refused("x")).toBe("400 Unknown key for a VALUE_STRING in [pit].");
  expect(await refused({ id: "bm9wZQ==" })).toBe("400 unknown transport version [110] reading search context id");
  expect(await refused({ id: `${id}AAAA` })).toBe("400 java.io.EOFException");
});

it("says that there may be more where a count stops at its limit before the last segment, as 9.4.3 did", async () => {
  const client = await started(() => 10_000);
  await client.indices.create({ index: "books", settings: { refresh_interval: -1 } });
  const write = (first: number, ...titles: string[]) =>
    client.bulk({
      refresh: true,
      operations: titles.flatMap((title, at) => [{ index: { _index: "books", _id: `${first + at}` } }, { title }]),
    });
  await write(1, "a b", "a b", "a b", "c");
  await write(5, "c", "c");
  const relation = async (query: object) => {
    const { hits } = await client.search({ index: "books", query, size: 0, track_total_hits: 3 });
    expect(hits.total).toMatchObject({ value: 3 });
    return (hits.total as { relation: string }).relation;
  };
  const [one, both] = [{ match: { title: "a" } }, { match: { title: { query: "a b", operator: "and" } } }];
  // The count of a single term is known, unless something was deleted.
  expect([await relation(one), await relation(both), await relation({ match: { title: "a z" } })]).toEqual([
    "eq",
    "gte",
    "eq",
  ]);
  await client.delete({ index: "books", id: "4", refresh: true });
  expect([await relation(one), await relation(both)]).toEqual(["gte", "gte"]);
});
