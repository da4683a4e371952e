import { expect, test } from "vitest";
import type { Failure } from "../../src/projections/engine/ports/buildCatalog.ts";
import type { PartitionStatus, ReadModelStatus } from "../../src/projections/engine/progress/status.ts";
import { runWith } from "./fixtures.ts";

const partition = (number: number, others: Partial<PartitionStatus> = {}): PartitionStatus => ({
  partition: number,
  checkpoint: 9_007_199_254_740_993n,
  lag: { events: 0, seconds: 0, more: false },
  waiting: 0,
  active: 0,
  parkedKeys: 0,
  stopped: null,
  ...others,
});

const failure: Failure = {
  partition: 1,
  kind: "event_unknown",
  position: 70n,
  eventId: "e",
  detail: "no such column",
  since: new Date(0),
};
const live = { state: "live", fill: null } as const;

const found: readonly ReadModelStatus[] = [
  {
    readModel: "shelf",
    version: 1,
    build: "shelf_v1_b1",
    ...live,
    head: 9_007_199_254_740_993n,
    partitions: [
      partition(0),
      partition(1, {
        checkpoint: -1n,
        lag: { events: 5_000, seconds: 12.34, more: true },
        waiting: 3,
        active: 1,
        stopped: failure,
      }),
    ],
  },
  {
    readModel: "library",
    version: 2,
    build: "library_v2_b1",
    ...live,
    head: null,
    partitions: [partition(0, { checkpoint: 5n, lag: null, waiting: null, active: null })],
  },
  { readModel: "history", version: 1, build: null, state: null, fill: null, head: null, partitions: [] },
];

const runOn = (status: readonly ReadModelStatus[], ...args: string[]) =>
  runWith(["projections", "status", ...args], { projectionsStatus: async () => status });
const run = (...args: string[]) => runOn(found, ...args);

test("a table with a row a partition, what is unknown as a question mark", async () => {
  const ended = await run();
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toBe(`\
READ MODEL  BUILD          PARTITION        CHECKPOINT              HEAD    LAG  SECONDS  WAITING  ACTIVE  STATE
shelf       shelf_v1_b1            0  9007199254740993  9007199254740993      0      0.0        0       0  live
shelf       shelf_v1_b1            1             start  9007199254740993  5000+     12.3        3       1  event_unknown at 70: no such column
library     library_v2_b1          0                 5                 ?      ?        ?        ?       ?  live
history     none                   -                 -                 -      -        -        -       -  version 1 is not built yet: start a dispatcher and a worker
`);
});

test("a build that failed has a row with the reason", async () => {
  const ended = { build: "history_v1_b7", state: "failed", reason: "TooManyParked: 100 keys", fill: null } as const;
  const { stdout } = await runOn([{ readModel: "history", version: 1, ...ended, head: null, partitions: [] }]);
  expect(stdout).toMatch(/^history +history_v1_b7( +-){7} +failed: TooManyParked: 100 keys$/m);
});

test("--json keeps positions exact, as strings", async () => {
  const { readModels } = JSON.parse((await run("--json")).stdout);
  expect(readModels[0]).toMatchObject({
    head: "9007199254740993",
    partitions: [{ checkpoint: "9007199254740993" }, { stopped: { position: "70" } }],
  });
  expect(readModels[1]).toMatchObject({ head: null, partitions: [{ lag: null, waiting: null }] });
  expect(readModels[2]).toMatchObject({ build: null, partitions: [] });
});

test("parked keys, and builds that are filled or catch up", async () => {
  const progress = { position: 41n, events: 12, head: 99n, at: new Date(0) };
  const building = { readModel: "shelf", version: 1, state: "building", head: null, partitions: [] } as const;
  const waits = { until: new Date("2999-01-01"), replacements: 4 };
  const { stdout } = await runOn([
    { ...building, ...live, build: "shelf_v1_b1", head: 9n, partitions: [partition(0, { parkedKeys: 2 })] },
    { ...building, build: "shelf_v1_b2", fill: { progress, paused: false } },
    { ...building, build: "shelf_v1_b3", fill: { progress: null, paused: true } },
    { ...building, build: "shelf_v1_b5", reason: "broken", fill: { progress: null, paused: false, waits } },
    { ...building, build: "shelf_v1_b6", fill: { progress, paused: false, waits: { ...waits, until: new Date(0) } } },
    { ...building, build: "shelf_v1_b4", fill: null, head: 9n, partitions: [partition(0)] },
  ]);
  const states = stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.replace(/^(\S+ +){9}/, ""));
  expect(states).toEqual([
    "live, 2 parked",
    "building, 12 events, at 41 of 99",
    "building: paused",
    "building: waits until 2999-01-01T00:00:00.000Z, because 4 builds in a row had to be replaced: broken",
    "building, 12 events, at 41 of 99",
    "building: catching up",
  ]);
});

test("more words are refused with 2", async () => {
  expect(await run("shelf")).toMatchObject({ code: 2, stdout: "" });
});
