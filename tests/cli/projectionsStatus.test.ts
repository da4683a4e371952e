import { expect, test } from "vitest";
import type { PartitionStatus, ReadModelStatus } from "../../src/projections/engine/status.ts";
import { runWith } from "./fixtures.ts";

const partition = (number: number, others: Partial<PartitionStatus> = {}): PartitionStatus => ({
  partition: number,
  checkpoint: 9_007_199_254_740_993n,
  lag: { events: 0, seconds: 0, more: false },
  waiting: 0,
  active: 0,
  stopped: null,
  ...others,
});

const failure = { partition: 1, kind: "event_refused", position: 70n, eventId: "e", detail: "no such column" } as const;

const found: readonly ReadModelStatus[] = [
  {
    readModel: "shelf",
    version: 1,
    build: "shelf_v1_b1",
    head: 9_007_199_254_740_993n,
    partitions: [
      partition(0),
      partition(1, {
        checkpoint: -1n,
        lag: { events: 5_000, seconds: 12.34, more: true },
        ...{ waiting: 3, active: 1, stopped: failure },
      }),
    ],
  },
  {
    ...{ readModel: "library", version: 2, build: "library_v2_b1", head: null },
    partitions: [partition(0, { checkpoint: 5n, lag: null, waiting: null, active: null })],
  },
  { readModel: "history", version: 1, build: null, head: null, partitions: [] },
];

const run = (...args: string[]) =>
  runWith(["projections", "status", ...args], { projectionsStatus: async () => found });

test("a table with a row a partition, what is unknown as a question mark", async () => {
  const ended = await run();
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toBe(`\
READ MODEL  BUILD          PARTITION        CHECKPOINT              HEAD     LAG  SECONDS  WAITING  ACTIVE  STATE
shelf       shelf_v1_b1       0  9007199254740993  9007199254740993       0      0.0        0       0  goes on
shelf       shelf_v1_b1       1             start  9007199254740993   5000+     12.3        3       1  event_refused at 70: no such column
library     library_v2_b1     0                 5                 ?       ?        ?        ?       ?  goes on
history     none              -                 -                 -       -        -        -       -  version 1 is not built yet: start a dispatcher and a worker
`);
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

test("more words are refused with 2", async () => {
  expect(await run("shelf")).toMatchObject({ code: 2, stdout: "" });
});
