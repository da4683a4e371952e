import { expect, test } from "vitest";
import { cutReady, nextReadyIn } from "../../../src/projections/engine/core/cutBatches.ts";
import { accept, noteApplied, openEpoch } from "../../../src/projections/engine/core/epoch.ts";
import {
  idleLinger,
  type Times,
  watchRate,
  watchUtilisation,
  worthLingering,
} from "../../../src/projections/engine/dispatch/lingering.ts";
import { defaultTiming } from "../../../src/projections/engine/timing.ts";
import { added, tallyOf } from "../fixtures.ts";

const timing = { lingerBusy: 1_000, idle: 10_000 };
const build = { readModel: tallyOf("lingering"), number: 1, partitions: 1, name: "lingering_v1_b1" };

test("an idle partition waits for nothing while the processors have time", () => {
  const epoch = openEpoch("e", build, -1n);
  accept(epoch, added(0n, "a"), 0);
  expect(nextReadyIn(epoch, 0, timing, 0)).toBe(0);
  expect(cutReady(epoch, 0, timing, 0)).toHaveLength(1);
});

test("one that lingers is cut when its first event has waited so long, with all that came meanwhile", () => {
  const epoch = openEpoch("e", build, -1n);
  accept(epoch, added(0n, "a"), 100);
  accept(epoch, added(1n, "b"), 110);
  expect(cutReady(epoch, 124, timing, 25)).toEqual([]);
  expect(nextReadyIn(epoch, 124, timing, 25)).toBe(1);
  accept(epoch, added(2n, "c"), 125);
  expect(cutReady(epoch, 125, timing, 25).map(({ events }) => events.length)).toEqual([3]);
});

test("one that is busy lingers until its batch is applied, and then no longer than an idle one", () => {
  const epoch = openEpoch("e", build, -1n);
  accept(epoch, added(0n, "a"), 0);
  cutReady(epoch, 0, timing, 0);
  accept(epoch, added(1n, "a"), 10);
  expect(cutReady(epoch, 500, timing, 25)).toEqual([]);
  expect(nextReadyIn(epoch, 500, timing, 25)).toBe(510);
  noteApplied(epoch, 0, 0n);
  expect(nextReadyIn(epoch, 500, timing, 25)).toBe(0);
  expect(cutReady(epoch, 500, timing, 25)).toHaveLength(1);
});

test("a batch that is full goes at once, however busy the processors or the partition are", () => {
  const epoch = openEpoch("e", build, -1n);
  for (let position = 0n; position < 4_100n; position++) accept(epoch, added(position, "a"), 0);
  expect(nextReadyIn(epoch, 0, timing, 25)).toBe(0);
  expect(cutReady(epoch, 0, timing, 25).map(({ events }) => events.length)).toEqual([2_000, 2_000]);
});

test("the time to linger grows with the utilisation, between its bounds", () => {
  const at = (utilisation: number) => idleLinger(utilisation, defaultTiming.lingerIdle);
  expect([0, 0.3, 0.59].map(at)).toEqual([0, 0, 0]);
  expect([0.6, 0.7, 0.8, 0.9, 0.93, 3].map(at).map(Math.round)).toEqual([10, 14, 76, 345, 500, 500]);
});

test("the utilisation is that of the processors or of this event loop, whichever is busier, a sample each half second", () => {
  let clock = 0;
  let times: Times = { busy: 0, total: 0, loop: { idle: 0, active: 0, utilization: 0 } };
  let reads = 0;
  const utilisation = watchUtilisation(
    () => clock,
    () => {
      reads++;
      return times;
    },
  );
  const pass = (busy: number, active: number) => {
    clock += 500;
    const { idle, active: before } = times.loop;
    times = {
      busy: times.busy + busy * 1_000,
      total: times.total + 1_000,
      loop: { idle: idle + (1 - active) * 500, active: before + active * 500, utilization: 0 },
    };
  };
  expect(utilisation()).toBe(0);
  pass(0.8, 0.1);
  expect(utilisation()).toBeCloseTo(0.4);
  clock += 499;
  expect(utilisation()).toBeCloseTo(0.4);
  clock -= 499;
  expect(reads).toBe(2);
  for (let sample = 0; sample < 10; sample++) {
    pass(0.8, 0.1);
    utilisation();
  }
  expect(utilisation()).toBeCloseTo(0.8);
  for (let sample = 0; sample < 10; sample++) {
    pass(0.1, 0.9);
    utilisation();
  }
  expect(utilisation()).toBeCloseTo(0.9);
});

test("what comes seldom does not linger, and all of it does when much comes", () => {
  expect([0, 50, 125, 200, 5_000].map(worthLingering)).toEqual([0, 0, 0.5, 1, 1]);
  let now = 0;
  const rate = watchRate(() => now);
  rate.count(100);
  expect(rate.perSecond()).toBe(0);
  now = 500;
  expect(rate.perSecond()).toBe(200);
  now = 1_500;
  expect(rate.perSecond()).toBe(0);
});
