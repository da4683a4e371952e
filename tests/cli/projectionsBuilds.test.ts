import { Writable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFillBar } from "../../src/cli/projections/fillBar.ts";
import { createFillRate } from "../../src/cli/projections/fillRate.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { FillProgress } from "../../src/projections/engine/ports/buildCatalog.ts";
import { added, point, tallyOf } from "../projections/fixtures.ts";
import { freshStore, type Store } from "../projections/store.ts";
import { runWith } from "./fixtures.ts";

const reading = { ...tallyOf("reading"), version: 2 };
const history = tallyOf("history");

let store: Store;
let live: Build;
const announced: string[] = [];
let parkedAsked = 0;
beforeAll(async () => {
  store = await freshStore();
  live = await store.build(reading, 3);
});
afterAll(() => store.close());

const run = (args: string, interruption = new AbortController().signal) =>
  runWith(["projections", ...args.split(" ")], {
    readModels: [reading, history],
    withBuilds: (work) =>
      work({
        catalog: store.catalog,
        store: {
          parkedKeys: (build) => {
            parkedAsked++;
            return store.store.parkedKeys(build);
          },
        },
        announce: async (readModel) => void announced.push(readModel),
      }),
    interruption: () => interruption,
  });

const states = async () =>
  Object.fromEntries((await store.catalog.list()).map(({ name, state, paused }) => [name, paused ? "paused" : state]));
/** Simulates the worker and the dispatcher: the build is filled and takes over. */
const becomesLive = async (name: string) => {
  const builds = await store.catalog.buildsOf(reading);
  const next = builds.find(({ build }) => build.name === name)?.build as Build;
  await store.store.open(next);
  await store.catalog.markFilled(next);
  await store.store.takeOver(next, live, async () => true);
  live = next;
};

test("rebuild adds a build beside the live one, with as many partitions, or lets one that is on its way go on", async () => {
  const first = await run("rebuild reading --no-wait --json");
  expect(first).toMatchObject({ code: 0, stderr: "reading_v2_b2 is being built\n" });
  const build = { build: "reading_v2_b2", readModel: "reading", version: 2, partitions: 3 };
  expect(JSON.parse(first.stdout)).toEqual({ ...build, state: "building", filled: false, paused: false });
  expect(announced.splice(0)).toEqual(["reading"]);
  expect(await run("rebuild reading --no-wait")).toMatchObject({
    code: 0,
    stdout: "reading_v2_b2: building\n",
    stderr: "reading_v2_b2 is being built already\n",
  });
  expect(await run("rebuild reading --partitions 5 --no-wait")).toMatchObject({
    code: 1,
    stderr: "heima: reading_v2_b2 is being built with 3 partitions: cancel it first, or let it end\n",
  });
  expect(await states()).toEqual({ reading_v2_b1: "live", reading_v2_b2: "building" });
});

test("pause stops it, and rebuild lets it go on", async () => {
  expect(await run("pause reading")).toMatchObject({ code: 0, stdout: "reading_v2_b2 is paused\n" });
  expect(await states()).toMatchObject({ reading_v2_b2: "paused" });
  expect((await run("wait reading")).stdout).toBe("live: reading version 2\n");
  expect((await run("rebuild reading --no-wait")).stderr).toBe("reading_v2_b2 continues\n");
  expect(await states()).toMatchObject({ reading_v2_b2: "building" });
});

test("cancel ends it as failed and leaves the live one", async () => {
  announced.length = 0;
  expect(await run("cancel reading")).toMatchObject({ code: 0, stdout: "reading_v2_b2 is cancelled\n" });
  expect(await states()).toEqual({ reading_v2_b1: "live", reading_v2_b2: "failed" });
  expect((await store.catalog.list()).at(-1)?.reason).toBe("cancelled");
  expect(announced).toEqual(["reading"]);
  for (const nothing of ["cancel", "pause"]) expect((await run(`${nothing} reading`)).code).toBe(1);
  expect(await states()).toMatchObject({ reading_v2_b1: "live" });
});

test("rebuild follows the build through its phases until it is live", async () => {
  const following = run("rebuild reading --partitions 2 --json");
  await expect.poll(async () => (await states()).reading_v2_b3).toBe("building");
  const place = { name: "reading_v2_b3", partitions: 2 };
  await store.catalog.reportProgress(place, { position: 30n, events: 3, head: 60n });
  await becomesLive("reading_v2_b3");
  const ended = await following;
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ build: "reading_v2_b3", partitions: 2, state: "live" });
  expect(await states()).toMatchObject({ reading_v2_b1: "retired", reading_v2_b3: "live" });
});

test("rebuild says that a build waits for keys that are parked in it alone", async () => {
  const interruption = new AbortController();
  const following = run("rebuild reading", interruption.signal);
  await expect.poll(async () => (await states()).reading_v2_b4).toBe("building");
  const next = (await store.catalog.buildsOf(reading)).at(-1)?.build as Build;
  await store.store.open(next);
  await store.store.inPartition(next, 0, async (session) => {
    await session.park([{ key: "ann", event: added(10n, "ann"), error: "a bug" }]);
    await session.advance(point(10n));
  });
  await store.catalog.markFilled(next);
  // Each poll queries both builds; the third poll comes after the first build was reported.
  const asked = parkedAsked;
  await expect.poll(() => parkedAsked).toBeGreaterThan(asked + 4);
  interruption.abort();
  const ended = await following;
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain(
    "reading_v2_b4: waiting: it has parked keys that reading_v2_b3 does not have; see heima projections parked reading\n",
  );
  expect(ended.stderr).toContain("reading_v2_b4 continues without this display. heima projections pause reading");
  expect(ended.stdout).toBe("reading_v2_b4: building\n");
});

test("rebuild ends with 1 when the build is cancelled meanwhile", async () => {
  announced.length = 0;
  const following = run("rebuild reading");
  await expect.poll(() => announced).toEqual(["reading"]);
  expect((await run("cancel reading")).code).toBe(0);
  expect(await following).toMatchObject({ code: 1, stderr: expect.stringMatching(/reading_v2_b\d failed: cancelled/) });
});

test("retire ends older versions alone, and only when this release's is live", async () => {
  await store.build({ ...reading, version: 1 }, 1);
  const refused = await run("retire reading --version 2");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("is not older than this release's") });
  expect(await run("retire history")).toMatchObject({ code: 0, stdout: expect.stringContaining("no build") });
  const retired = await run("retire reading");
  expect(retired).toMatchObject({ code: 0, stdout: expect.stringMatching(/^reading_v1_b\d is retired\n$/) });
  expect(Object.values(await states()).filter((state) => state === "live")).toHaveLength(1);
});

test("wait ends when all are live, and with 1 at the time-out, or when a build failed and no other is on its way", async () => {
  const late = await run("wait --timeout 0");
  expect(late).toMatchObject({ code: 1, stderr: "heima: not live after 0 s: history version 1 (no build yet)\n" });
  const failed = await store.add(history, 1);
  await store.catalog.end(failed, "failed", "a bug");
  expect(await run("wait")).toMatchObject({
    code: 1,
    stderr: `heima: history version 1: ${failed.name} failed: a bug; heima projections rebuild history builds it anew\n`,
  });
  await store.add(history, 1);
  const waiting = run("wait --timeout 30");
  await store.build(history, 1);
  expect(await waiting).toMatchObject({ code: 0, stdout: "live: reading version 2, history version 1\n" });
});

test("a wrong command line ends with 2", async () => {
  for (const wrong of ["rebuild nothing", "rebuild reading --partitions 0", "wait reading --timeout x", "pause"]) {
    expect((await run(wrong)).code, wrong).toBe(2);
  }
  expect((await run("rebuild nothing")).stderr).toContain("there is no read model nothing; there are reading, history");
});

const at = (seconds: number, events: number, position: bigint): FillProgress => ({
  events,
  position,
  head: 1_000n,
  at: new Date(seconds * 1_000),
});

test("the rate of a fill is that of its last ten seconds, and begins anew with the fill", () => {
  const rateOf = createFillRate();
  expect(rateOf(at(0, 0, -1n))).toBeUndefined();
  expect(rateOf(at(2, 200, 99n))).toEqual({ eventsPerSecond: 100, secondsLeft: 18.02 });
  expect(rateOf(at(2, 200, 99n))).toMatchObject({ eventsPerSecond: 100 });
  expect(rateOf(at(12, 2_200, 500n))).toMatchObject({ eventsPerSecond: 200 });
  expect(rateOf(at(13, 100, 300n))).toBeUndefined();
  expect(rateOf(at(14, 400, 400n))).toEqual({ eventsPerSecond: 300, secondsLeft: 6 });
});

test("without a terminal the bar is lines: share, events, rate and time left", () => {
  let written = "";
  const stream = new Writable({
    write(text, _encoding, done) {
      written += text;
      done();
    },
  });
  const bar = startFillBar("reading_v2_b9", stream);
  bar.fill(at(0, 10, 500n));
  bar.phase("catching up with the log");
  bar.phase("catching up with the log");
  bar.stop();
  expect(written).toBe("reading_v2_b9: 50%, 10 events, -/s, ? left\nreading_v2_b9: catching up with the log\n");
});

test("on a terminal it is one line that is written over", () => {
  let written = "";
  const stream = new Writable({
    write(text, _encoding, done) {
      written += text;
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns: 120, cursorTo: () => true, clearLine: () => true });
  const bar = startFillBar("b", terminal);
  bar.fill(at(0, 10, 250n));
  bar.stop();
  expect(written).toContain("25%");
  expect(written).toContain("10 events");
});
