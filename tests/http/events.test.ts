import { createHash, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type EventsDependencies, eventsEndpoint } from "../../src/http/replay/events.ts";
import type { Identity } from "../../src/replay/schema/cells.ts";
import { eventLines } from "../../src/replay/stream/eventLines.ts";
import { append, type Logged, logOf, read } from "../replay/memoryLog.ts";
import { bearer, readerId, startApi } from "./startApi.ts";

const [daiyu, baoyu, gone] = [randomUUID() as string, randomUUID() as string, randomUUID() as string];
const [stone, water] = ["hongloumeng1", "shuihuzhuan1"];
const pseudonymOf = (id: string) => createHash("md5").update(id).digest("hex");
const life: Logged[] = [
  [`shelf-${daiyu}`, { type: "BookAddedToShelf", data: { bookId: stone } }],
  read(daiyu, stone),
  read(gone, stone),
  read(baoyu, water),
  [`shelf-${baoyu}`, { type: "ShelfGroupCreated", data: { group: "g1", name: "我的秘密" } }],
];

let log: Awaited<ReturnType<typeof logOf>>;
let api: Awaited<ReturnType<typeof startApi>>;
const looks: unknown[] = [];
const erased = new Set([gone]);
/** The signals of the subscriptions that were opened. */
const subscriptions: AbortSignal[] = [];
const closing = new AbortController();
let without: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  log = await logOf(life);
  const names = {
    async of(ids: Iterable<string>): Promise<ReadonlyMap<string, Identity>> {
      return new Map([...ids].map((id) => [id, { reader: pseudonymOf(id), key: (value) => pseudonymOf(id + value) }]));
    },
  };
  const eventStore = {
    ...log,
    subscribe(options: Parameters<typeof log.subscribe>[0]) {
      subscriptions.push(options.signal);
      return log.subscribe(options);
    },
  };
  const deps: EventsDependencies = {
    pool: {
      query: (async ({ values: [pseudonym] }: { values: string[] }) => ({
        rows: [daiyu, baoyu].filter((id) => pseudonymOf(id) === pseudonym).map((reader_id) => ({ reader_id })),
      })) as never,
    },
    async positionOf({ moment }) {
      if (moment.kind !== "position") return undefined;
      return (await log.readLogAt(moment.position)) === undefined ? "nowhere" : moment.position;
    },
    eventLines: (asked, signal) =>
      eventLines({ eventStore, names, isErased: (id) => erased.has(id) }, { ...asked, heartbeatMs: 50 }, signal),
    audit: (look) => looks.push(look),
    closing: closing.signal,
  };
  api = await startApi([eventsEndpoint(deps)]);
  without = await startApi([eventsEndpoint({ ...deps, eventLines: undefined })]);
});
afterAll(async () => {
  await Promise.all([api.close(), without.close()]);
});
afterEach(() => {
  looks.length = 0;
});

const headers = { authorization: bearer("analyst") };
const linesOf = (text: string) =>
  text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));
const ask = async (query: string) => linesOf(await (await api.fetch(`/v1/events${query}`, { headers })).text());

/** Follows the log; `next` resolves with the next line. */
async function follow(query = "") {
  const leaving = new AbortController();
  const response = await fetch(`${api.url}/v1/events?follow=true${query}`, { headers, signal: leaving.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    leave: () => leaving.abort(),
    async next() {
      for (;;) {
        const end = text.indexOf("\n");
        const line = end < 0 ? "" : text.slice(0, end);
        if (end >= 0) text = text.slice(end + 1);
        if (line !== "") return JSON.parse(line) as Record<string, unknown>;
        if (end >= 0) continue;
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += value;
      }
    },
  };
}

test("HEAD reads nothing of the log, and is not audited", async () => {
  expect((await api.fetch("/v1/events", { method: "HEAD", headers })).status).toBe(200);
  expect(looks).toEqual([]);
});

test("events are lines with pseudonyms; erased readers and what readers typed are not in them", async () => {
  const response = await api.fetch("/v1/events", { headers });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const text = await response.text();
  const lines = linesOf(text);
  expect(lines.map(({ position, type, reader }) => [position, type, reader])).toEqual([
    [100, "BookAddedToShelf", pseudonymOf(daiyu)],
    [200, "ReadingProgressed", pseudonymOf(daiyu)],
    [400, "ReadingProgressed", pseudonymOf(baoyu)],
    [500, "ShelfGroupCreated", pseudonymOf(baoyu)],
  ]);
  for (const hidden of [daiyu, baoyu, gone, "我的秘密", "phone"]) expect(text).not.toContain(hidden);
  expect(looks).toEqual([{ analyst: readerId, events: { types: [], follow: "false" } }]);
});

test("from is exclusive, and types, a book and a reader narrow what comes", async () => {
  const positions = async (query: string) => (await ask(query)).map(({ position }) => position);
  expect(await positions("?from=200")).toEqual([400, 500]);
  expect(await positions("?types=ReadingProgressed,BookFinished")).toEqual([200, 400]);
  expect(await positions(`?bookId=${water}`)).toEqual([400]);
  expect(await positions(`?readerId=${pseudonymOf(baoyu)}&from=400`)).toEqual([500]);
});

test("what is asked wrongly is refused", async () => {
  const told = async (query: string, on = api) => {
    const response = await on.fetch(`/v1/events${query}`, { headers });
    return `${response.status} ${((await response.json()) as { code: string }).code}`;
  };
  expect(await told(`?readerId=${pseudonymOf("nobody")}`)).toBe("404 reader_not_found");
  expect(await told("", without)).toBe("503 exports_not_set_up");
  for (const query of [
    "?from=150",
    "?from=spring",
    "?types=BookRead",
    "?types=",
    "?follow=yes",
    `?readerId=${readerId}`,
  ])
    expect(await told(query), query).toBe("400 invalid_request");
});

test("who follows gets what is appended, until going, and the subscription ends then", async () => {
  const before = subscriptions.length;
  const following = await follow("&from=500");
  expect(following.response.status).toBe(200);
  await append(log, [read(daiyu, water)]);
  expect(await following.next()).toMatchObject({ type: "ReadingProgressed", book_id: water });
  erased.add(daiyu);
  await append(log, [read(daiyu, water), read(baoyu, stone)]);
  expect(await following.next()).toMatchObject({ reader: pseudonymOf(baoyu) });
  erased.delete(daiyu);
  expect(subscriptions[before]?.aborted).toBe(false);
  following.leave();
  await expect.poll(() => subscriptions[before]?.aborted).toBe(true);
});

test("an account has two streams at once, and the next one when one is over", async () => {
  const [first, second] = [await follow(), await follow()];
  expect((await api.fetch("/v1/events", { headers })).status).toBe(429);
  first.leave();
  await expect.poll(async () => (await api.fetch("/v1/events?from=500", { headers })).status).toBe(200);
  second.leave();
});

test("the end of the process ends the streams, with the position that they reached", async () => {
  const following = await expect
    .poll(() => follow("&types=BookFinished"))
    .toBeDefined()
    .then(() => follow());
  const end = await log.readLogEnd();
  for (let line = await following.next(); line?.position !== Number(end); line = await following.next());
  closing.abort();
  const last: unknown[] = [];
  for (let line = await following.next(); line !== undefined; line = await following.next()) last.push(line);
  expect(last).toEqual([{ position: Number(end) }]);
  await expect.poll(() => subscriptions.every(({ aborted }) => aborted)).toBe(true);
});
