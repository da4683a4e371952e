import { afterAll, beforeAll, expect, test } from "vitest";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { compareStored } from "../../../src/projections/engine/verify/compareStored.ts";
import { createTrialStore } from "../../../src/projections/stores/postgres/trialStore.ts";
import { type Logged, logOf } from "../../replay/memoryLog.ts";
import { codec, logger, quick } from "../fixtures.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "../stores/indexStore.ts";

const tally = indexedTallyOf("compared");
const adds = (reader: string, bookId: string): Logged => [
  `shelf-${reader}`,
  { type: "BookAddedToShelf", data: { bookId } },
];
const life = [adds("a", "hongloumeng1"), adds("b", "shuihuzhuan1"), adds("a", "xiyouji00001")];

let index: IndexStore;
beforeAll(async () => {
  index = await freshIndexStore();
});
afterAll(() => index?.close());

const fill = async (build: Build, store: ReadModelStore, events: readonly Logged[]) => {
  const eventStore = await logOf(events);
  const catalog = { reportProgress: async () => {}, forgetFillStarts: async () => {}, list: async () => [] };
  const deps = { store, catalog, eventStore, codec, logger, timing: quick };
  expect(await fillBuild(deps, build, new AbortController().signal)).toBe("filled");
  return { build, store };
};

test("builds in an index are compared by key, with each other and with a trial in Postgres", async () => {
  const first = await fill(await index.add(tally, 2), index.store, life);
  const again = await fill(await index.add(tally), index.store, life);
  const equal = { tables: [{ table: "tallies", first: 2n, second: 2n, differences: 0n }], differences: 0n, found: [] };
  expect(await compareStored(first, again)).toMatchObject({ ...equal, positions: { first: 300n, second: 300n } });

  const trial: Build = { readModel: tally, number: 0, partitions: 1, name: "compared_trial" };
  const inPostgres = await fill(trial, createTrialStore(index.pool), life);
  expect(await compareStored(first, inPostgres)).toMatchObject(equal);

  const other = await fill(await index.add(tally), index.store, [...life.slice(1), adds("c", "sanguoyanyi1")]);
  const differ = await compareStored(first, other);
  expect(differ).toMatchObject({ tables: [{ table: "tallies", first: 2n, second: 3n, differences: 2n }] });
  expect(differ.found).toEqual([
    {
      kind: "different",
      table: "tallies",
      key: ["a"],
      columns: [{ column: "added", first: "2", second: "1" }],
    },
    { kind: "only_in_second", table: "tallies", key: ["c"], columns: [] },
  ]);
  const turned = await compareStored(other, first, 1);
  expect([turned.differences, turned.found.map(({ kind }) => kind)]).toEqual([2n, ["different"]]);
});
