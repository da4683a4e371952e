import { expect, test } from "vitest";
import { watchReadModels } from "../../src/metrics/readModels.ts";
import { createMetrics } from "../../src/metrics/registry.ts";
import type { PartitionStatus, ReadModelStatus } from "../../src/projections/engine/progress/status.ts";
import { logger } from "../projections/fixtures.ts";

const partition = (number: number, more: Partial<PartitionStatus> = {}): PartitionStatus => ({
  partition: number,
  checkpoint: 2n ** 60n,
  lag: { events: 3, seconds: 1.5, more: false },
  waiting: 2,
  active: 1,
  parkedKeys: 0,
  stopped: null,
  ...more,
});
const shelf = (...partitions: PartitionStatus[]): ReadModelStatus => ({
  readModel: "shelf",
  version: 1,
  build: "shelf_v1_b1",
  state: "live",
  fill: null,
  head: 5n,
  partitions,
});

/** The values of the metrics of read models, by name and labels. */
async function scrape(readStatus: () => Promise<readonly ReadModelStatus[]>) {
  const metrics = createMetrics("test");
  let now = 0;
  watchReadModels(metrics, readStatus, logger, () => now);
  return {
    metrics,
    values: async () => valuesOf(await metrics.metrics()),
    pass: (ms: number) => {
      now += ms;
    },
  };
}
const valuesOf = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/^(heima_(?!log_)\w+)\{(.*)\} (\S+)$/gm)].map(([, name, labels, value]) => [
      `${name} ${labels?.replace(/,?service="test"/, "")}`,
      Number(value),
    ]),
  );

test("every partition shows its lag, what waits for it, and whether it advances", async () => {
  const since = new Date(0);
  const stopped = { partition: 1, kind: "event_unknown", position: 1n, eventId: "e", detail: "no", since } as const;
  const { values } = await scrape(async () => [shelf(partition(0), partition(1, { stopped }))]);
  expect(await values()).toEqual({
    "heima_read_models_known ": 1,
    'heima_read_model_built read_model="shelf",version="1"': 1,
    'heima_read_model_lag_events read_model="shelf",partition="0"': 3,
    'heima_read_model_lag_events read_model="shelf",partition="1"': 3,
    'heima_read_model_lag_seconds read_model="shelf",partition="0"': 1.5,
    'heima_read_model_lag_seconds read_model="shelf",partition="1"': 1.5,
    'heima_batches_waiting read_model="shelf",partition="0"': 2,
    'heima_batches_waiting read_model="shelf",partition="1"': 2,
    'heima_batches_active read_model="shelf",partition="0"': 1,
    'heima_batches_active read_model="shelf",partition="1"': 1,
    'heima_partition_stopped read_model="shelf",partition="1",kind="event_unknown"': 1,
  });
});

test("a build that is filled shows how many events it has; parked keys are shown where there are some", async () => {
  const progress = { position: 5n, events: 12, head: 9n, at: new Date(0) };
  const building = {
    build: "shelf_v1_b2",
    state: "building",
    fill: { progress, paused: false },
    partitions: [],
  } as const;
  const waits = { until: new Date(0), replacements: 4 };
  const live = shelf(partition(0), partition(1, { parkedKeys: 2 }));
  const { values } = await scrape(async () => [
    live,
    { ...live, ...building },
    { ...live, ...building, readModel: "new", fill: { ...building.fill, waits } },
  ]);
  const found = await values();
  expect(found).toMatchObject({
    'heima_read_model_built read_model="shelf",version="1"': 1,
    'heima_read_model_built read_model="new",version="1"': 0,
    'heima_build_fill_events read_model="shelf",build="shelf_v1_b2"': 12,
    'heima_build_fill_events read_model="new",build="shelf_v1_b2"': 12,
    'heima_build_replacements read_model="new",build="shelf_v1_b2"': 4,
    'heima_parked_keys read_model="shelf",partition="1"': 2,
  });
  expect(Object.keys(found).filter((name) => name.startsWith("heima_build_replacements"))).toHaveLength(1);
  expect(Object.keys(found).filter((name) => name.startsWith("heima_parked_keys"))).toHaveLength(1);
});

test("beside a live build one that catches up is left out: lag and stops are of what queries read", async () => {
  const since = new Date(0);
  const stopped = { partition: 0, kind: "event_unknown", position: 1n, eventId: "e", detail: "no", since } as const;
  const next = {
    ...shelf(partition(0, { stopped, lag: { events: 99, seconds: 9, more: false } })),
    state: "building",
  } as const;
  const { values } = await scrape(async () => [shelf(partition(0)), next]);
  const found = await values();
  expect(found['heima_read_model_lag_events read_model="shelf",partition="0"']).toBe(3);
  expect(Object.keys(found).filter((name) => name.startsWith("heima_partition_stopped"))).toEqual([]);
});

test("what the event store or Redis did not tell is left out, and shown no longer", async () => {
  let status = [shelf(partition(0))];
  const { values, pass } = await scrape(async () => status);
  await values();
  pass(1_000);
  status = [shelf(partition(0, { lag: null, waiting: null, active: null }))];
  expect(await values()).toEqual({
    "heima_read_models_known ": 1,
    'heima_read_model_built read_model="shelf",version="1"': 1,
  });
});

test("a state that cannot be read leaves the rest of the scrape standing", async () => {
  let broken = false;
  const { metrics, values, pass } = await scrape(async () => {
    if (broken) throw new Error("no database");
    return [shelf(partition(0))];
  });
  await values();
  broken = true;
  pass(1_000);
  expect(await values()).toEqual({ "heima_read_models_known ": 0 });
  expect(await metrics.metrics()).toContain("nodejs_eventloop_lag_seconds");
});

test("scrapes at the same time, and within a second, ask once", async () => {
  let asked = 0;
  const { values, pass } = await scrape(async () => {
    asked++;
    await new Promise(setImmediate);
    return [shelf(partition(0))];
  });
  await Promise.all([values(), values(), values()]);
  pass(999);
  await values();
  expect(asked).toBe(1);
  pass(1);
  await values();
  expect(asked).toBe(2);
});
