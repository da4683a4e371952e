import { randomUUID } from "node:crypto";
import { EventStoreDBClient } from "@eventstore/db-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createHandleCommand } from "../../../src/commands/handleCommand.ts";
import { runScavenge, ScavengeFailed } from "../../../src/commands/operations/runScavenge.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import { lastScavenge, serverScavengeEnd } from "../../../src/event-store/scavenges.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { findObstacles } from "../../../src/projections/engine/builds/obstacles.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { eventually } from "../../support/waiting.ts";
import { logger, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { engineOn, shelve } from "./runningEngine.ts";

const reason = "it scavenges, and EventStoreDB would not remove events of its newest chunk";
const book = "hongloumeng0";
const models = [tallyOf("first"), tallyOf("second")];

let store: Store;
let engine: Awaited<ReturnType<typeof engineOn>>;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let client: EventStoreDBClient;
beforeAll(async () => {
  server = await freshEventStore(reason);
  eventStore = connectEventStore({ url: server.url, logger });
  client = EventStoreDBClient.connectionString(server.url);
});
afterAll(async () => {
  await engine?.close();
  await store?.close();
  await client.dispose();
  await eventStore.close();
  await server.stop();
});

let builds: Build[];
let kept: string;
let erased: string;
/** The event that is the checkpoint of every partition of both builds: the last one of a reader who will be erased. */
let last: bigint;
beforeEach(async () => {
  await engine?.close();
  await store?.close();
  store = await freshStore();
  engine = await engineOn(store, models);
  builds = [];
  for (const model of models) builds.push(await store.build(model, 2));
  [kept, erased] = [randomUUID(), randomUUID()];
  await shelve(eventStore, kept, book);
  last = (await shelve(eventStore, erased, book, "xiyouji00000")).at(-1) ?? 0n;
});

const everywhere = (position: bigint) => builds.map(() => [position, position]);
const positions = () => Promise.all(builds.map((build) => store.positions(build)));
const failures = async () =>
  (await Promise.all(builds.map((build) => store.catalog.failures(build)))).flat().map(({ kind }) => kind);

function scavenge(giveUp = AbortSignal.timeout(30_000)) {
  const handleCommand = createHandleCommand({ eventStore, logger });
  const obstacles = (position: bigint) => findObstacles(store.catalog, store.store, models, position);
  const options = { begunBy: "a test", force: false, giveUp, onProgress: () => {} };
  return runScavenge(
    { eventStore, handleCommand, findObstacles: obstacles, alone: (work) => work(async () => {}) },
    options,
  );
}

/** A scavenge that others start: without marker and waiting. */
async function scavengeOfOthers(): Promise<void> {
  const { scavengeId } = await eventStore.startScavenge();
  await eventually(async () => (await serverScavengeEnd(eventStore, scavengeId))?.result, "Success");
}

/** Whether the log still has the event. */
const isThere = async (position: bigint) => (await eventStore.readLogAt(position))?.position === position;

test("after heima scavenge no checkpoint names an event that went, and a restart goes on", async () => {
  const running = engine.start(eventStore);
  await eventually(positions, everywhere(last));
  await client.tombstoneStream(`shelf-${erased}`);
  const { marker, result } = await scavenge();
  expect(result).toBe("Success");
  expect(await isThere(last)).toBe(false);
  expect(await lastScavenge(eventStore)).toMatchObject({ position: marker, begunBy: "a test", ended: true });
  await running.close();
  expect((await positions()).flat().every((position) => position >= marker)).toBe(true);

  engine.start(eventStore);
  const [next = 0n] = await shelve(eventStore, randomUUID(), book);
  await eventually(positions, everywhere(next));
  expect(await failures()).toEqual([]);
});

test("heima scavenge waits for a build that nobody feeds, and says so; nothing is removed", async () => {
  const running = engine.start(eventStore);
  await eventually(positions, everywhere(last));
  await running.close();
  await client.tombstoneStream(`shelf-${erased}`);
  const failed = await scavenge(AbortSignal.abort("given up after 1 s")).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ScavengeFailed);
  for (const { name } of builds)
    expect((failed as Error).message).toContain(`${name}: partition 0 is at ${last}, 2 of 2`);
  expect(await isThere(last)).toBe(true);
  expect(await lastScavenge(eventStore)).toMatchObject({ ended: true });
});

test("builds of other versions and those that are filled or paused hold it up, ended ones do not", async () => {
  const { catalog, store: stored } = store;
  const look = async () =>
    (await findObstacles(catalog, stored, models, -1n)).obstacles.map(({ build, message }) => [build, message]);
  expect(await look()).toEqual([]);
  const [first] = models;
  if (first === undefined) throw new Error("no read model");
  const filling = await store.add({ ...first, version: 2 });
  expect(await look()).toEqual([[filling.name, "it is filled from the log"]]);
  await catalog.setPaused(filling, true);
  expect(await look()).toEqual([[filling.name, "its fill is paused"]]);
  await catalog.markFilled(filling);
  expect(await look()).toEqual([]);
  expect(await findObstacles(catalog, stored, models, 0n)).toMatchObject({ passed: 0, partitions: 5 });
  await catalog.end(filling, "retired", "a test");
  expect(await findObstacles(catalog, stored, models, 0n)).toMatchObject({ passed: 0, partitions: 4 });
});

test("a catalog or a store that cannot be read holds it up, and is named: it may be away for a minute of the hours that it takes", async () => {
  const away = {
    ...store.catalog,
    list: () => Promise.reject(new Error("the database system is starting up")),
  };
  expect((await findObstacles(away, store.store, models, 0n)).obstacles).toEqual([
    expect.objectContaining({
      message: "they cannot be listed: the database system is starting up",
      hint: expect.stringContaining("DATABASE_URL"),
      unreachable: true,
    }),
  ]);
  const unreadable = { checkpoints: () => Promise.reject(new Error("connect ECONNREFUSED")) };
  const list = async () => {
    const [indexed, tabled] = await store.catalog.list();
    if (indexed === undefined || tabled === undefined) throw new Error("two builds are needed");
    return [{ ...indexed, store: "elasticsearch" as const }, tabled];
  };
  const found = await findObstacles({ ...store.catalog, list }, unreadable, models, -1n);
  expect(found).toMatchObject({
    passed: 0,
    obstacles: [
      {
        message: "its checkpoints cannot be read from Elasticsearch: connect ECONNREFUSED",
        hint: expect.stringMatching(/^start Elasticsearch or correct ELASTICSEARCH_URL/),
        unreachable: true,
      },
      { message: "its checkpoints cannot be read from Postgres: connect ECONNREFUSED", unreachable: true },
    ],
  });
});

test("after a scavenge that others started the builds refuse, and a rebuild of each takes over at the log's end", async () => {
  const running = engine.start(eventStore);
  await eventually(positions, everywhere(last));
  await running.close();
  await client.tombstoneStream(`shelf-${erased}`);
  await scavengeOfOthers();
  expect(await isThere(last)).toBe(false);

  engine.start(eventStore);
  await eventually(failures, ["log_mismatch", "log_mismatch"]);
  // Written while they refuse events: the old builds never reach it, so the log's end must be reached.
  const [next = 0n] = await shelve(eventStore, randomUUID(), book);
  expect(await positions()).toEqual(everywhere(last));

  for (const [index, build] of builds.entries()) {
    const rebuilt = await store.catalog.add(build.readModel, 2);
    if (rebuilt === undefined) throw new Error("no build was added");
    const states = async () =>
      (await store.catalog.list())
        .filter(({ readModel }) => readModel === build.readModel.name)
        .map(({ number, state }) => [number, state]);
    await eventually(states, [
      [1, "retired"],
      [2, "live"],
    ]);
    builds[index] = rebuilt;
  }
  await eventually(positions, everywhere(next));
  expect(await failures()).toEqual([]);
  for (const build of builds) {
    const tally = await store.tally(build);
    expect(tally[kept]).toBe(1);
    expect(tally).not.toHaveProperty(erased);
  }
  const [more = 0n] = await shelve(eventStore, randomUUID(), book);
  await eventually(positions, everywhere(more));
});

test("a database from before a recorded scavenge is borne: its checkpoints name what went, and it goes on", async () => {
  const running = engine.start(eventStore);
  await eventually(positions, everywhere(last));
  const backup = new Map<string, string>();
  for (const { name } of builds) {
    const found = await store.pool.query(`SELECT event_id FROM ${name}.checkpoints LIMIT 1`);
    backup.set(name, found.rows[0].event_id);
  }
  await client.tombstoneStream(`shelf-${erased}`);
  await scavenge();
  await running.close();
  for (const [name, eventId] of backup) {
    await store.pool.query(`UPDATE ${name}.checkpoints SET position = $1, event_id = $2`, [last, eventId]);
  }
  engine.start(eventStore);
  const [next = 0n] = await shelve(eventStore, randomUUID(), book);
  await eventually(positions, everywhere(next));
  expect(await failures()).toEqual([]);
});
