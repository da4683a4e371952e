import { afterAll, beforeAll, expect, test } from "vitest";
import { tryTakeOver } from "../../../src/projections/engine/builds/takeOver.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { added, codec, idAt, logger, point, quick, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const moveTo = ({ name }: Build, position: bigint) =>
  store.pool.query(`UPDATE ${name}.checkpoints SET position = $1, event_id = $2`, [position, idAt(position)]);

const log = scriptedLog(added(10n, "one"), added(20n, "two"), added(30n, "three"));

async function attempt(build: Build): Promise<boolean> {
  const { store: stored, catalog } = store;
  const dependencies = {
    store: stored,
    catalog,
    codec,
    eventStore: log.eventStore,
    logger,
    timing: { ...quick, takeOver: 50 },
  };
  const attempted = await tryTakeOver(
    { ...dependencies, announce: async () => {} },
    build,
    AbortSignal.timeout(10_000),
  );
  return attempted === "live";
}

const refuse = (build: Build) =>
  store.catalog.reportFailure(build, { partition: 0, kind: "log_mismatch", at: point(10n), detail: "another log" });

test("a build that refuses is replaced at the log's end, not at its own position", async () => {
  const model = tallyOf("low");
  const old = await store.build(model);
  await moveTo(old, 10n);
  await refuse(old);
  const next = await store.add(model);
  await moveTo(next, 20n);
  expect(await attempt(next)).toBe(false);
  await moveTo(next, 30n);
  expect(await attempt(next)).toBe(true);
  expect((await store.catalog.list()).find(({ name }) => name === old.name)?.state).toBe("retired");
});

test("one that does not refuse is replaced at its own position", async () => {
  const model = tallyOf("sound");
  await moveTo(await store.build(model), 10n);
  const next = await store.add(model);
  await moveTo(next, 20n);
  expect(await attempt(next)).toBe(true);
});

test("what a refusing build has parked, or has not, does not count: its events are of another log", async () => {
  const model = tallyOf("parking");
  const old = await store.build(model);
  await moveTo(old, 30n);
  const next = await store.add(model);
  await store.store.inPartition(next, 0, (session) =>
    session.park([{ key: "one", event: added(10n, "one"), error: "poison" }]),
  );
  await moveTo(next, 30n);
  expect(await attempt(next)).toBe(false);
  await refuse(old);
  expect(await attempt(next)).toBe(true);
});
