import { createSecretKey, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { markErased } from "../../src/auth/erasure/markErased.ts";
import type { Role } from "../../src/auth/roles.ts";
import { replaysEndpoints } from "../../src/http/replay/replays.ts";
import { withAdvisoryLock } from "../../src/platform/advisoryLock.ts";
import { connectRedis } from "../../src/platform/redis.ts";
import { openReplayQueue } from "../../src/replay/jobs/queue.ts";
import { createReplays } from "../../src/replay/jobs/replays.ts";
import { replayLock, runReplay } from "../../src/replay/jobs/runReplay.ts";
import { startReplays } from "../../src/replay/jobs/startReplays.ts";
import { bearer, json, startApi, tokens } from "../http/startApi.ts";
import { logger } from "../projections/fixtures.ts";
import { freshStore, type Store } from "../projections/store.ts";
import { redisUrl } from "../support/redis.ts";
import { logOf, progressed, readerIds } from "./log.ts";

const keys = [{ kid: "k1", key: createSecretKey(Buffer.alloc(32, 7)) }];
const [daiyu, baoyu] = readerIds as [string, string];
const day = (n: number) => `2026-03-${String(n).padStart(2, "0")}T04:00:00.000Z`;
const life = Array.from(
  { length: 40 },
  (_, n) =>
    [
      `progress-${n % 2 === 0 ? daiyu : baoyu}`,
      progressed({ bookId: n % 4 === 0 ? "shuihuzhuan1" : "hongloumeng1", readAt: day(1 + (n % 3)) }),
      day(1 + Math.floor(n / 20)),
    ] as const,
);

let store: Store;
let folder: string;
let api: Awaited<ReturnType<typeof startApi>>;
let connection: ReturnType<typeof connectRedis>;
let queue: ReturnType<typeof openReplayQueue>;
const looks: { analyst: string }[] = [];
const closing = new AbortController();
let deps: Parameters<typeof replaysEndpoints>[0];
const log = logOf(life);

/** The parts of a worker. */
const parts = () => ({
  eventStore: log.store,
  pool: store.pool,
  keys,
  replays: createReplays(store.pool),
  folder,
  logger,
});

beforeAll(async () => {
  store = await freshStore();
  folder = await mkdtemp(join(tmpdir(), "heima-replays-"));
  connection = connectRedis({ url: await redisUrl(), blocking: true, logger });
  queue = openReplayQueue(connection, logger);
  deps = {
    replays: createReplays(store.pool),
    announce: queue.announce,
    folder,
    canExport: true,
    audit: (look: { analyst: string }) => looks.push(look),
    closing: closing.signal,
  };
  api = await startApi(replaysEndpoints(deps));
});
afterAll(async () => {
  await api.close();
  await queue.close();
  connection.disconnect();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await store.pool.query("DELETE FROM replays");
  looks.length = 0;
});

type Shown = { id: string; state: string; events: number; percent: number; files: { url: string; events: number }[] };
const analyst = randomUUID();
const of = (readerId: string, ...roles: Role[]) => ({
  authorization: `Bearer ${tokens.issue({ readerId, roles }).accessToken}`,
});
const mine = of(analyst, "analyst");
const ask = async (body: object = {}, headers: Record<string, string> = mine) => {
  const sent = json(body);
  return api.fetch("/v1/replays", { method: "POST", body: sent.body, headers: { ...sent.headers, ...headers } });
};
const show = async (id: string) => (await (await api.fetch(`/v1/replays/${id}`, { headers: mine })).json()) as Shown;
const codeOf = async (answer: Promise<Response>) => {
  const response = await answer;
  return `${response.status} ${((await response.json()) as { code: string }).code}`;
};
const begun = async (body: object = {}) => ((await (await ask(body)).json()) as Shown).id;
const never = new AbortController().signal;

/** A log that stops before the 30th reading event, until `go` is called. */
function pausing() {
  let go = () => {};
  let stand = () => {};
  const going = new Promise<void>((resolve) => {
    go = resolve;
  });
  const standing = new Promise<void>((resolve) => {
    stand = resolve;
  });
  const eventStore = {
    ...log.store,
    async *readAll(options: Parameters<typeof log.store.readAll>[0]) {
      let read = 0;
      for await (const event of log.store.readAll(options)) {
        if (event.type === "ReadingProgressed" && ++read === 30) {
          stand();
          await going;
        }
        yield event;
      }
    },
  };
  return { eventStore, standing, go };
}

test("without keys no replay is made, and it is said so", async () => {
  const without = await startApi(replaysEndpoints({ ...deps, canExport: false }));
  const { body, headers } = json({});
  const asked = without.fetch("/v1/replays", { method: "POST", body, headers: { ...headers, ...mine } });
  expect(await codeOf(asked)).toBe("503 exports_not_set_up");
  await without.close();
});

test("nothing is kept of an analyst who was erased while the request arrived", async () => {
  const [loggedIn, developer] = [randomUUID(), randomUUID()];
  const roles: Role[] = ["analyst"];
  const { accessToken } = tokens.issue({ readerId: loggedIn, roles, loginId: randomUUID() });
  const bearers = { authorization: `Bearer ${accessToken}` };
  expect(await codeOf(ask({}, bearers))).toBe("401 token_invalid");
  const account = "INSERT INTO accounts (reader_id, registered_at, roles) VALUES ($1, now(), '{}')";
  await store.pool.query(account, [loggedIn]);
  expect((await ask({}, bearers)).status).toBe(202);
  await store.pool.query("DELETE FROM replays");
  for (const reader of [loggedIn, developer]) await markErased(store.pool, reader);
  expect(await codeOf(ask({}, bearers))).toBe("401 token_invalid");
  expect(await codeOf(ask({}, of(developer, ...roles)))).toBe("401 token_invalid");
  expect((await store.pool.query("SELECT FROM replays")).rowCount).toBe(0);
  await store.pool.query("DELETE FROM accounts");
});

test("a replay is asked for, made by a worker, followed and downloaded", async () => {
  const asked = await ask({
    from: "2026-03-01",
    types: ["ReadingProgressed"],
    bookIds: ["hongloumeng1"],
    format: "ndjson",
  });
  expect(asked.status).toBe(202);
  const { id } = (await asked.json()) as Shown;
  expect(asked.headers.get("location")).toBe(`/v1/replays/${id}`);
  expect(await codeOf(api.fetch(`/v1/replays/${id}/files/0`, { headers: mine }))).toBe("409 replay_not_done");
  const following = api.fetch(`/v1/replays/${id}/progress`, { headers: mine }).then((response) => response.text());
  const worker = startReplays({ ...parts(), redis: connection }, 100);
  try {
    const events = (await following).trim().split("\n\n");
    expect(events.at(-1)).toMatch(/^event: end\ndata: \{.*"state":"done"/);
    const done = await show(id);
    expect(done).toMatchObject({ state: "done", events: 30, percent: 100 });
    expect(done.files.map(({ events }) => events)).toEqual([15, 15]);
    const file = await api.fetch(done.files[0]!.url, { headers: mine });
    expect(file.headers.get("content-type")).toBe("application/x-ndjson");
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="2026-03-01-/);
    const lines = (await file.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(15);
    expect(JSON.stringify(lines)).not.toContain(daiyu);
    expect(await codeOf(api.fetch(`/v1/replays/${id}/files/2`, { headers: mine }))).toBe("404 not_found");
    expect(looks).toMatchObject([
      { analyst, replay: id },
      { analyst, replay: id, file: 0 },
    ]);
    // The files of a finished replay are removed at once.
    expect((await api.fetch(`/v1/replays/${id}`, { method: "DELETE", headers: mine })).status).toBe(200);
    await expect.poll(async () => (await readdir(folder)).includes(id)).toBe(false);
    expect(await codeOf(api.fetch(`/v1/replays/${id}/files/0`, { headers: mine }))).toBe("410 replay_expired");
    const { rows } = await store.pool.query("SELECT analyst, state, downloads FROM replays");
    expect(rows).toEqual([{ analyst, state: "expired", downloads: 1 }]);
    expect((await store.pool.query("SELECT FROM replay_exports")).rowCount).toBe(0);
  } finally {
    await worker.close();
  }
});

test("an account has two under way, and nobody sees another's", async () => {
  const [first, second] = [await begun(), await begun({ format: "csv" })];
  expect(await codeOf(ask())).toBe("409 too_many_replays");
  const other = of(randomUUID(), "analyst");
  for (const path of [`/v1/replays/${first}`, `/v1/replays/${first}/progress`, `/v1/replays/${first}/files/0`])
    expect(await codeOf(api.fetch(path, { headers: other })), path).toBe("404 replay_not_found");
  expect(await codeOf(api.fetch(`/v1/replays/${first}`, { method: "DELETE", headers: other }))).toBe(
    "404 replay_not_found",
  );
  const page = async (query: string) =>
    (await (await api.fetch(`/v1/replays?limit=1${query}`, { headers: mine })).json()) as {
      items: Shown[];
      nextCursor: string | null;
    };
  const newest = await page("");
  expect(newest.items.map(({ id }) => id)).toEqual([second]);
  const oldest = await page(`&cursor=${newest.nextCursor}`);
  expect([oldest.items.map(({ id }) => id), oldest.nextCursor]).toEqual([[first], null]);
  const cancelled = await api.fetch(`/v1/replays/${first}`, { method: "DELETE", headers: mine });
  expect(((await cancelled.json()) as Shown).state).toBe("cancelled");
  expect((await ask()).status).toBe(202);
});

test("what is asked wrongly is refused, before or by the worker", async () => {
  for (const body of [
    { types: ["BookRead"] },
    { from: "spring" },
    { from: "3000", to: "2000" },
    { from: "2031-03-02", to: "2031-03-01" },
    { format: "xlsx" },
    { bookIds: ["x"] },
    { identities: true },
  ])
    expect(await codeOf(ask(body)), JSON.stringify(body)).toBe("400 invalid_request");
  const id = await begun({ from: "2031-03-01", to: "2000" });
  await runReplay(parts(), id, never);
  expect(await show(id)).toMatchObject({ state: "failed", error: expect.stringContaining("nothing lies between") });
  expect(await codeOf(ask({}, { authorization: bearer("reader", "operator") }))).toBe("403 forbidden");
});

test("a replay that its process left goes on in another, and ends with the same files", async () => {
  const whole = await begun({ format: "csv" });
  await runReplay(parts(), whole, never);
  const id = await begun({ format: "csv" });
  // The process ends when it has read a part of the log, more often than processes may die.
  for (let n = 0; n < 7; n++) {
    const stop = new AbortController();
    const { eventStore, standing, go } = pausing();
    const ending = runReplay({ ...parts(), eventStore }, id, stop.signal);
    await Promise.race([standing, ending]);
    stop.abort(new Error("the process ends"));
    go();
    await ending;
    expect(await show(id)).toMatchObject({ state: "running" });
  }
  await runReplay(parts(), id, never);
  expect(await show(id)).toMatchObject({ state: "done", events: 40 });
  const textOf = async (of: string) => {
    const { files } = await show(of);
    return Promise.all(files.map(async ({ url }) => (await api.fetch(url, { headers: mine })).text()));
  };
  expect(await textOf(id)).toEqual(await textOf(whole));
});

/** Begins a replay in a process that ends before it has written an event. */
async function leaveBegun(id: string, { store }: typeof log): Promise<void> {
  const stop = new AbortController();
  const eventStore = {
    ...store,
    readAll(options: Parameters<typeof store.readAll>[0]) {
      if (`${options?.categories}` === "account") stop.abort(new Error("the process ends"));
      return store.readAll(options);
    },
  };
  await runReplay({ ...parts(), eventStore }, id, stop.signal);
  expect(await show(id)).toMatchObject({ state: "running" });
  expect(await readdir(join(folder, id))).toContain("export.progress");
}

test("a replay from a day on goes on, whatever positions that day has by then", async () => {
  const id = await begun({ from: "2031-03-01", format: "csv" });
  const own = logOf(life);
  await leaveBegun(id, own);
  own.append(...life.slice(0, 3));
  await runReplay({ ...parts(), eventStore: own.store }, id, never);
  expect(await show(id)).toMatchObject({ state: "done", events: 0, error: null });
});

test("a replay from a day on that has not noted the day, as before, goes on", async () => {
  const id = await begun({ from: "2026-03-02", format: "csv" });
  await leaveBegun(id, log);
  const progress = join(folder, id, "export.progress");
  const text = await readFile(progress, "utf8");
  expect(text).toContain('"askedFrom":"2026-03-02"');
  await writeFile(progress, text.replace(/,"askedFrom":"[^"]+"/, ""));
  await runReplay(parts(), id, never);
  expect(await show(id)).toMatchObject({ state: "done", events: 20, error: null });
});

test("a replay that another release began is begun anew", async () => {
  const id = await begun({ format: "csv" });
  const stop = new AbortController();
  const { eventStore, standing, go } = pausing();
  const ending = runReplay({ ...parts(), eventStore }, id, stop.signal);
  await standing;
  stop.abort(new Error("the process ends"));
  go();
  await ending;
  const progress = join(folder, id, "export.progress");
  const text = await readFile(progress, "utf8");
  await writeFile(progress, text.replace(/"release":"[^"]+"/, '"release":"0.0.1"'));
  await runReplay(parts(), id, never);
  expect(await show(id)).toMatchObject({ state: "done", events: 40 });
});

test("one that is cancelled while it runs leaves no files, and one that kills processes is given up", async () => {
  const id = await begun();
  const cancelling = {
    ...log.store,
    async *readAll(options: Parameters<typeof log.store.readAll>[0]) {
      for await (const event of log.store.readAll(options)) {
        if (event.type === "ReadingProgressed") await createReplays(store.pool).cancel(id, analyst);
        yield event;
      }
    },
  };
  await runReplay({ ...parts(), eventStore: cancelling }, id, never);
  expect(await show(id)).toMatchObject({ state: "cancelled", files: [] });
  expect(await readdir(folder)).not.toContain(id);
  const deadly = await begun();
  await store.pool.query("UPDATE replays SET starts = 5 WHERE replay_id = $1", [deadly]);
  await runReplay(parts(), deadly, never);
  expect(await show(deadly)).toMatchObject({ state: "failed", error: "5 processes ended in it" });
});

/** Ends the sessions that hold locks in the database of this test. */
const endLocks = () =>
  store.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE locktype = 'advisory' AND datname = current_database()`,
  );

/** The server may take a moment to release the lock of a session that it ends. */
async function makeWhenFree(id: string): Promise<void> {
  const state = async () => {
    await runReplay(parts(), id, never);
    return (await show(id)).state;
  };
  await expect.poll(state).toBe("done");
}

const isFree = (id: string) => withAdvisoryLock(store.pool, replayLock(id), async () => true);

const sizesOf = async (id: string) => {
  const answers = (await show(id)).files.map(({ url }) => api.fetch(url, { headers: mine }));
  return Promise.all(answers.map(async (answer) => (await (await answer).text()).length));
};

test("a replay that two workers are given is made by one of them", async () => {
  const id = await begun({ format: "csv" });
  const { eventStore, standing, go } = pausing();
  const first = runReplay({ ...parts(), eventStore }, id, never);
  await standing;
  await runReplay(parts(), id, never);
  expect(await show(id)).toMatchObject({ state: "running" });
  go();
  await first;
  expect(await show(id)).toMatchObject({ state: "done", events: 40 });
  expect(await sizesOf(id)).toEqual([expect.any(Number), expect.any(Number)]);
});

test("a worker that has lost its replay to another leaves it alone", async () => {
  const id = await begun({ format: "csv" });
  const { eventStore, standing, go } = pausing();
  const first = runReplay({ ...parts(), eventStore }, id, never);
  await standing;
  await endLocks();
  await makeWhenFree(id);
  const before = await sizesOf(id);
  go();
  await expect(first).rejects.toThrow(`the lock of replay ${id} is lost`);
  expect(await show(id)).toMatchObject({ state: "done", events: 40, error: null });
  expect(await sizesOf(id)).toEqual(before);
});

test("a worker that has lost its replay takes no start from the one that has begun since, and leaves no error there", async () => {
  const id = await begun();
  const [one, two] = [pausing(), pausing()];
  const first = runReplay({ ...parts(), eventStore: one.eventStore }, id, never);
  await one.standing;
  await endLocks();
  await expect.poll(() => isFree(id)).toBe(true);
  const second = runReplay({ ...parts(), eventStore: two.eventStore }, id, never);
  await two.standing;
  one.go();
  await expect(first).rejects.toThrow();
  const { rows } = await store.pool.query("SELECT starts, error FROM replays WHERE replay_id = $1", [id]);
  expect(rows).toEqual([{ starts: 2, error: null }]);
  two.go();
  await second;
  expect(await show(id)).toMatchObject({ state: "done", events: 40 });
});

test("a replay whose lock is lost is tried again, which counts as no start", async () => {
  const id = await begun();
  const { eventStore, standing, go } = pausing();
  const first = runReplay({ ...parts(), eventStore }, id, never);
  await standing;
  await endLocks();
  go();
  await expect(first).rejects.toThrow();
  const { rows } = await store.pool.query("SELECT state, starts FROM replays WHERE replay_id = $1", [id]);
  expect(rows).toEqual([{ state: "running", starts: 0 }]);
  await makeWhenFree(id);
});

test("the files of a replay that is over go when nobody writes there any more", async () => {
  const cancelled = async () => {
    const id = await begun();
    await mkdir(join(folder, id));
    await createReplays(store.pool).cancel(id, analyst);
    return id;
  };
  const held = await cancelled();
  const has = async (id: string) => (await readdir(folder)).includes(id);
  let worker: ReturnType<typeof startReplays> | undefined;
  try {
    await withAdvisoryLock(store.pool, replayLock(held), async () => {
      worker = startReplays({ ...parts(), redis: connection }, 50);
      // When the second is gone, one pass over all of them has ended.
      for (let n = 0; n < 2; n++) {
        const free = await cancelled();
        await expect.poll(() => has(free)).toBe(false);
      }
      expect(await has(held)).toBe(true);
    });
    await expect.poll(() => has(held)).toBe(false);
  } finally {
    await worker?.close();
  }
});

test("one that a store keeps from being made says why, and counts as begun only after an hour", async () => {
  const id = await begun();
  const away = {
    ...log.store,
    readLogEnd: () => Promise.reject(Object.assign(new Error("no answer"), { code: "ECONNREFUSED" })),
  };
  const noAnswer = "a store of the server does not answer, or another error that may pass";
  // Errors of pg and DuckDB that have neither a code nor a class.
  for (const [message, reason] of [
    ["IO Error: No space left on device", "the disk of the server is full"],
    ["Connection terminated unexpectedly", noAnswer],
    ["Query read timeout", noAnswer],
    ["timeout exceeded when trying to connect", noAnswer],
  ] as const) {
    const failing = { ...log.store, readLogEnd: () => Promise.reject(new Error(message)) };
    await expect(runReplay({ ...parts(), eventStore: failing }, id, never)).rejects.toThrow(message);
    expect(await show(id)).toMatchObject({ state: "running", error: reason });
  }
  for (let n = 0; n < 8; n++)
    await expect(runReplay({ ...parts(), eventStore: away }, id, never)).rejects.toThrow("no answer");
  expect(await show(id)).toMatchObject({ state: "running", error: noAnswer });
  await store.pool.query("UPDATE replays SET started_at = now() - interval '61 minutes' WHERE replay_id = $1", [id]);
  for (let n = 0; n < 5; n++)
    await expect(runReplay({ ...parts(), eventStore: away }, id, never)).rejects.toThrow("no answer");
  await runReplay(parts(), id, never);
  expect(await show(id)).toMatchObject({ state: "failed", error: noAnswer });
  const other = await begun();
  await expect(runReplay({ ...parts(), eventStore: away }, other, never)).rejects.toThrow("no answer");
  await runReplay(parts(), other, never);
  expect(await show(other)).toMatchObject({ state: "done", error: null });
});

test("one that would fail in the same way again has failed, and does not tell what Postgres said", async () => {
  for (const error of [
    Object.assign(new Error('invalid input syntax for type date: "+010000-01"'), { code: "22007" }),
    new TypeError("undefined is not a function"),
  ]) {
    const id = await begun();
    const failing = { ...log.store, readLogEnd: () => Promise.reject(error) };
    await runReplay({ ...parts(), eventStore: failing }, id, never);
    const reason = "an error of the server, whose log has it under the id of the replay";
    expect(await show(id)).toMatchObject({ state: "failed", error: reason });
  }
});

test("one up to a day of the far future is of the whole log", async () => {
  const id = await begun({ from: "0000-01-01", to: "9999-12-31" });
  await runReplay(parts(), id, never);
  const whole = await begun();
  await runReplay(parts(), whole, never);
  const { events } = await show(whole);
  expect(events).toBeGreaterThan(0);
  expect(await show(id)).toMatchObject({ state: "done", events });
});

test("a replay whose folder is gone has no files, and they are said to be gone", async () => {
  const id = await begun();
  await store.pool.query("UPDATE replays SET state = 'done' WHERE replay_id = $1", [id]);
  expect(await show(id)).toMatchObject({ state: "done", files: [] });
  expect(await codeOf(api.fetch(`/v1/replays/${id}/files/0`, { headers: mine }))).toBe("410 replay_expired");
});

test("files with a reader who was erased go, and so do old ones", async () => {
  const [kept, old] = [await begun({ format: "ndjson" }), await begun({ format: "ndjson", to: "500" })];
  for (const id of [kept, old]) await runReplay(parts(), id, never);
  const replays = createReplays(store.pool);
  await replays.expire();
  expect(await replays.uncleared()).toEqual([]);
  await store.pool.query("UPDATE replays SET expires_at = now() - interval '1 second' WHERE replay_id = $1", [old]);
  await replays.expire();
  expect(await replays.uncleared()).toEqual([old]);
  const [line] = (await readFile(join(folder, kept, (await manifestFiles(kept))[0]!), "utf8")).split("\n");
  const { reader } = JSON.parse(line!) as { reader: string };
  await store.pool.query("UPDATE replay_export_readers SET erased_at = now() WHERE reader = $1", [reader]);
  await replays.expire();
  expect(await show(kept)).toMatchObject({ state: "expired" });
});

async function manifestFiles(id: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, id, "manifest.json"), "utf8");
  return (JSON.parse(text) as { files: { file: string }[] }).files.map(({ file }) => file);
}
