import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { followBuilds } from "../../../src/projections/engine/builds/followBuilds.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../../../src/projections/engine/ports/buildCatalog.ts";
import { eventually } from "../../support/waiting.ts";
import { logger, tallyOf } from "../fixtures.ts";
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
const newModel = () => tallyOf(`followed${++models}`);

function follow(
  readModels: readonly ReadModel[],
  catalog: Pick<BuildCatalog, "buildsOf"> = store.catalog,
  everyMs = 20,
) {
  const happened: string[] = [];
  const following = followBuilds({
    catalog,
    readModels,
    wants: ({ state, paused }) => state === "building" && !paused,
    start: ({ name }) => {
      happened.push(`start ${name}`);
      return { close: async () => void happened.push(`close ${name}`) };
    },
    everyMs,
    logger,
  });
  running.push(() => following.close());
  return { happened, following };
}

test("what runs for a build is started once, and closed when the build is no longer wanted, or has ended", async () => {
  const [one, two, foreign] = [newModel(), newModel(), newModel()];
  const { happened, following } = follow([one, two]);
  const build = await store.add(one);
  await store.add(foreign);
  await store.add({ ...one, version: 2 });
  await eventually(() => happened, [`start ${build.name}`]);
  const second = await store.add(two);
  await eventually(() => happened, [`start ${build.name}`, `start ${second.name}`]);
  await store.catalog.setPaused(build, true);
  await eventually(() => happened.at(-1), `close ${build.name}`);
  await store.catalog.setPaused(build, false);
  await eventually(() => happened.at(-1), `start ${build.name}`);
  await store.catalog.end(second, "failed", "broken");
  await eventually(() => happened.at(-1), `close ${second.name}`);
  await following.close();
  expect(happened).toEqual([
    `start ${build.name}`,
    `start ${second.name}`,
    `close ${build.name}`,
    `start ${build.name}`,
    `close ${second.name}`,
    `close ${build.name}`,
  ]);
});

test("a new build is taken up at once when asked to", async () => {
  const readModel = newModel();
  let reads = 0;
  const buildsOf: BuildCatalog["buildsOf"] = (asked) => {
    reads++;
    return store.catalog.buildsOf(asked);
  };
  const { happened, following } = follow([readModel], { buildsOf }, 60_000);
  await eventually(() => reads, 1);
  const build = await store.add(readModel);
  following.refresh();
  await eventually(() => happened, [`start ${build.name}`]);
});

test("what runs for builds goes on while the catalog cannot be read, and builds are followed again once it can", async () => {
  const readModel = newModel();
  let away = false;
  let refused = 0;
  const buildsOf: BuildCatalog["buildsOf"] = async (asked) => {
    if (!away) return store.catalog.buildsOf(asked);
    refused++;
    throw new Error("the catalog is away");
  };
  const { happened } = follow([readModel], { buildsOf });
  const build = await store.add(readModel);
  await eventually(() => happened, [`start ${build.name}`]);
  away = true;
  await eventually(() => refused > 3, true);
  expect(happened).toEqual([`start ${build.name}`]);
  const second = await store.add(readModel);
  away = false;
  await eventually(() => happened, [`start ${build.name}`, `start ${second.name}`]);
});
