import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctor } from "../../../src/doctor/doctor.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { findObstacles } from "../../../src/projections/engine/builds/obstacles.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { createProjectionsStatus } from "../../../src/projections/engine/progress/status.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { createStores } from "../../../src/projections/stores/stores.ts";
import { runWith } from "../../cli/fixtures.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { codec, logger, tallyOf } from "../fixtures.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "../stores/indexStore.ts";
import { runDispatcher, runWorker, type Surroundings } from "./release.ts";
import { createShelfWriter } from "./shelfWriter.ts";

// A release is deployed and rolled back: its builds are left behind, of a newer version, and of a read model that the older release lacks.

const older: readonly ReadModel[] = [tallyOf("kept")];
const newer: readonly ReadModel[] = [{ ...tallyOf("kept"), version: 2 }, indexedTallyOf("extra")];
const readers = ["ann", "bob"];
/** The time-out of a poll on a busy machine. */
const patience = 40_000;

let under: IndexStore;
let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let redis: Redis;
let around: Surroundings;
const running = new Set<{ close(): Promise<unknown> }>();
beforeAll(async () => {
  under = await freshIndexStore();
  log = await freshEventStore();
  eventStore = connectEventStore({ url: log.url, logger });
  const url = await redisUrl();
  redis = connectRedis({ url, blocking: false, logger });
  const { pool, client, prefix, catalog } = under;
  const store = createStores({ pool, client, prefix, numbers: {}, now: () => new Date() });
  around = { store, catalog, eventStore, redisUrl: url };
});
afterAll(async () => {
  for (const part of running) await part.close();
  redis?.disconnect();
  await eventStore?.close();
  await log?.stop();
  await under?.close();
});

async function release(readModels: readonly ReadModel[]) {
  const parts = [await runDispatcher(around, readModels), runWorker(around, readModels)];
  for (const part of parts) running.add(part);
  return async () => {
    for (const part of parts) {
      running.delete(part);
      await part.close();
    }
  };
}
const states = async () =>
  (await under.catalog.list()).map(({ name, state, dropped }) => `${name} ${dropped ? "dropped" : state}`).sort();
const heima = (args: string) =>
  runWith(args.split(" ").slice(1), {
    readModels: older,
    withBuilds: (work) => work({ catalog: under.catalog, store: around.store, announce: async () => {} }),
  });
const status = async () => {
  const tracker = createProgressTracker({ readModels: older, catalog: under.catalog, store: around.store, logger });
  const { catalog } = under;
  const found = createProjectionsStatus({ readModels: older, tracker, catalog, eventStore, redis, logger });
  const read = await found.read().finally(found.close);
  tracker.close();
  return { read, printed: (await runWith(["projections", "status"], { projectionsStatus: async () => read })).stdout };
};
const readModelsCheck = async () =>
  (await doctor({ timeoutMs: 4_000, write: false }, { DATABASE_URL: under.url }, older)).find(
    ({ name }) => name === "read models",
  );
/** Text of the reader in tables and indices of builds. */
const tracesOf = async (reader: string) => {
  const schemas = await under.pool.query<{ nspname: string }>(
    "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'kept_v%\\_b%'",
  );
  const traces: string[] = [];
  for (const { nspname } of schemas.rows) {
    const { rowCount } = await under.pool.query(`SELECT FROM ${nspname}.tallies WHERE reader_id = $1`, [reader]);
    if (rowCount !== 0) traces.push(nspname);
  }
  const index = `${under.prefix}-extra*`;
  await under.client.indices.refresh({ index });
  const { hits } = await under.client.search({ index, query: { term: { reader } } });
  return [...traces, ...hits.hits.map(({ _index }) => _index.replace(`${under.prefix}-`, ""))];
};

test("the builds of a release that was rolled back are shown, keep what is erased, and can be ended by the command that is printed", async () => {
  const writer = createShelfWriter(eventStore, readers);
  for (const reader of readers) await writer.add(reader, 3);
  const endOlder = await release(older);
  await eventually(states, ["kept_v1_b1 live"], patience);
  const endNewer = await release(newer);
  const both = ["extra_v1_b1 live", "kept_v1_b1 live", "kept_v2_b2 live"];
  await eventually(states, both, patience);
  await under.catalog.recordVerification({
    readModel: "extra",
    build: "extra_v1_b1",
    scope: { kind: "all" },
    keys: 1,
    rows: 1,
    events: 1,
    differences: 1,
  });

  // While its dispatcher updates them nothing ends them, and no problem is reported.
  const fed = await heima("heima projections retire --build kept_v2_b2");
  expect(fed).toMatchObject({ code: 1, stderr: expect.stringContaining("stop the dispatcher and the workers") });
  expect((await heima("heima projections retire kept --version 2 --yes")).code).toBe(1);
  expect((await status()).read.map(({ build, otherRelease }) => [build, otherRelease?.fed])).toEqual(
    expect.arrayContaining([
      ["kept_v1_b1", undefined],
      ["kept_v2_b2", true],
      ["extra_v1_b1", true],
    ]),
  );
  expect(await readModelsCheck()).toMatchObject({ status: "ok", message: "kept_v1_b1" });

  await endNewer();
  const account = await eventStore.append("account-ann", "no_stream", [
    codec.encode({ type: "ReaderErased", data: {} }, randomUUID(), {
      commandId: randomUUID(),
      commandHash: "0".repeat(64),
      correlationId: randomUUID(),
      causationId: randomUUID(),
      occurredAt: "2026-01-01T00:00:00.000Z",
    }),
  ]);
  await eventually(() => tracesOf("ann"), ["kept_v2_b2", "extra_v1_b1"], patience);

  const { printed } = await status();
  expect(printed).toMatch(/^extra +extra_v1_b1( +-){7} +live, of another release, which does not feed it/m);
  expect(await readModelsCheck()).toMatchObject({
    status: "warning",
    message: expect.stringMatching(/not fed: (extra_v1_b1, kept_v2_b2|kept_v2_b2, extra_v1_b1)/),
    hint: expect.stringContaining("heima projections retire --build extra_v1_b1"),
  });
  expect(await under.catalog.lastVerifications(older)).toEqual([]);
  expect(await under.catalog.lastVerifications(newer)).toMatchObject([{ build: "extra_v1_b1", differences: 1 }]);

  // Never by accident: neither this release's own, nor a newer version without confirmation.
  for (const [args, says] of [
    ["retire --build kept_v1_b1", "is of this release's version"],
    ["retire --build kept_v3_b9", "there is no build kept_v3_b9"],
    ["retire kept --version 2", "repeat with --yes"],
    ["retire kept --version 1 --yes", "is not older"],
    ["cancel --build kept_v2_b2", "kept_v2_b2 is live"],
  ] as const)
    expect(await heima(`heima projections ${args}`), args).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(says),
    });
  for (const args of ["retire", "retire kept --build kept_v2_b2", "cancel", "retire --build kept_v2_b2 --version 2"])
    expect((await heima(`heima projections ${args}`)).code, args).toBe(2);
  expect(await states()).toEqual(both);

  // The hints of a scavenge, as they are printed.
  const obstacles = async () =>
    (await findObstacles(under.catalog, around.store, older, account.position)).obstacles.toSorted((a, b) =>
      a.build < b.build ? -1 : 1,
    );
  await eventually(async () => (await obstacles()).map(({ build }) => build), ["extra_v1_b1", "kept_v2_b2"], patience);
  for (const { hint } of await obstacles()) {
    const [command = ""] = /heima projections .*$/.exec(hint) ?? [];
    expect(await heima(command), command).toMatchObject({ code: 0, stdout: expect.stringMatching(/ is retired\n$/) });
  }
  expect(await obstacles()).toEqual([]);
  await eventually(states, ["extra_v1_b1 dropped", "kept_v1_b1 live", "kept_v2_b2 dropped"], patience);
  expect(await tracesOf("ann")).toEqual([]);
  expect(await under.client.indices.exists({ index: `${under.prefix}-extra_v1_b1` })).toBe(false);
  expect((await under.pool.query("SELECT FROM pg_namespace WHERE nspname LIKE 'kept_v2%'")).rowCount).toBe(0);
  expect(await readModelsCheck()).toMatchObject({ status: "ok" });
  expect((await status()).read.map(({ build }) => build)).toEqual(["kept_v1_b1"]);
  await endOlder();
}, 180_000);

test("a build of another release that is being built is cancelled by its name, unless a worker fills it", async () => {
  const build = await under.catalog.add(indexedTallyOf("unknown"), 1);
  const name = build?.name ?? "";
  const hint = async () => {
    const { obstacles } = await findObstacles(under.catalog, around.store, older, 0n);
    return obstacles.find((obstacle) => obstacle.build === name)?.hint;
  };
  await under.catalog.takeLease(`fill ${name}`, "a worker", 60_000);
  expect((await heima(`heima projections cancel --build ${name}`)).stderr).toContain("is fed or filled");
  expect(await hint()).toMatch(/^wait: its release works on it/);
  await under.catalog.releaseLease(`fill ${name}`, "a worker");
  expect(await hint()).toContain(`retire --build ${name}`);
  expect(await heima(`heima projections cancel --build ${name}`)).toMatchObject({
    code: 0,
    stdout: `${name} is cancelled\n`,
  });
  expect((await under.catalog.list()).find((one) => one.name === name)?.state).toBe("failed");
});
