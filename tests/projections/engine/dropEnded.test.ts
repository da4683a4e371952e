import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dropEndedBuilds } from "../../../src/projections/engine/builds/dropEnded.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { eventually } from "../../support/waiting.ts";
import { logger, quick, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

let models = 0;
const newModel = () => tallyOf(`ended${++models}`);

type Dropping = Parameters<typeof dropEndedBuilds>[0];
function drop(more: Partial<Dropping> = {}) {
  const queues: string[] = [];
  const stop = new AbortController();
  const dropQueues = async ({ name }: { name: string }) => void queues.push(name);
  const dependencies = { store: store.store, catalog: store.catalog, dropQueues, logger, timing: quick, ...more };
  const dropping = dropEndedBuilds(dependencies, stop.signal);
  running.push(() => {
    stop.abort();
    return dropping;
  });
  return { queues };
}
const isThere = async ({ name }: Build) =>
  (await store.pool.query("SELECT to_regnamespace($1) IS NOT NULL AS there", [name])).rows[0].there;
const droppedOf = async ({ name }: Build) =>
  (await store.catalog.list()).find((record) => record.name === name)?.dropped;

test("builds that retired or failed are dropped, of a read model that nobody knows any more too: queues, rows, record; the others stay", async () => {
  const readModel = newModel();
  const live = await store.build(readModel);
  const building = await store.add(readModel);
  const retired = await store.add({ ...readModel, version: 7 });
  const failed = await store.add(readModel);
  await store.catalog.end(retired, "retired", "done");
  await store.catalog.end(failed, "failed", "broken");
  const { queues } = drop();
  await eventually(() => Promise.all([retired, failed].map(droppedOf)), [true, true]);
  expect(await Promise.all([retired, failed, live, building].map(isThere))).toEqual([false, false, true, true]);
  expect(await Promise.all([live, building].map(droppedOf))).toEqual([false, false]);
  expect(queues).toEqual(expect.arrayContaining([retired.name, failed.name]));
  expect(queues).not.toContain(live.name);
  expect(queues).not.toContain(building.name);
});

test("a build is not dropped before every process has had time to notice that it ended", async () => {
  const build = await store.add(newModel());
  await store.catalog.end(build, "failed", "broken");
  let looks = 0;
  const list = () => {
    looks++;
    return store.catalog.list();
  };
  const { queues } = drop({ catalog: { ...store.catalog, list }, timing: { ...quick, dropAfter: 60_000 } });
  await eventually(() => looks > 4, true);
  expect(queues).toEqual([]);
  expect([await isThere(build), await droppedOf(build)]).toEqual([true, false]);
});

test("a build is dropped again and again until it is gone, and one that cannot be dropped holds up no other", async () => {
  const [stuck, other] = [await store.add(newModel()), await store.add(newModel())];
  await store.catalog.end(stuck, "failed", "broken");
  await store.catalog.end(other, "failed", "broken");
  let locked = true;
  let looks = 0;
  const list = async () => {
    if (++looks % 3 === 1) throw new Error("the catalog is away");
    return store.catalog.list();
  };
  const really = store.store.drop;
  const refusing: Dropping["store"] = {
    drop: async (build) => {
      if (locked && build.name === stuck.name) throw new Error("somebody reads it");
      return really(build);
    },
  };
  drop({ store: refusing, catalog: { ...store.catalog, list } });
  await eventually(() => droppedOf(other), true);
  expect([await droppedOf(stuck), await isThere(stuck)]).toEqual([false, true]);
  locked = false;
  await eventually(() => droppedOf(stuck), true);
  expect(await isThere(stuck)).toBe(false);
});
