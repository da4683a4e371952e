// Longer than most files: each rule of dispatching is one short scenario with the same scripted log and recording queues.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Batch, LogPoint } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { dispatchBuild } from "../../../src/projections/engine/dispatch/dispatchBuild.ts";
import { openFailures } from "../../../src/projections/engine/ports/buildCatalog.ts";
import type { Signal } from "../../../src/projections/engine/transport/signals.ts";
import { eventually } from "../../support/waiting.ts";
import { added, codec, idAt, logger, point, quick, readersByPartition, skipOf, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { forDispatch, keptQueues, scriptedLog } from "./scripted.ts";

const partitions = 3;
const [a = "", b = "", c = ""] = readersByPartition(partitions);
const patient = { ...quick, standstill: 60_000 };

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

let builds = 0;
const newTally = () => store.build(tallyOf(`sent${++builds}`), partitions);

/** Dispatches a build, with checkpoints as given, of a scripted log. */
async function dispatch(build: Build, log: ReturnType<typeof scriptedLog>, timing = patient, queuedInPartition = 0) {
  const { kept, queues } = keptQueues();
  kept.queuedInPartition = queuedInPartition;
  const listeners = new Set<(signal: Signal) => void>();
  const onSignal = (listener: (signal: Signal) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const stop = new AbortController();
  const { store: stored, catalog } = store;
  const dependencies = {
    store: stored,
    catalog,
    codec,
    eventStore: forDispatch(log.eventStore),
    queues,
    logger,
    timing,
    onSignal,
  };
  const dispatching = dispatchBuild({ ...dependencies, announce: async () => {} }, build, stop.signal);
  running.push(async () => {
    stop.abort();
    await dispatching;
  });
  const askForRewind = (epoch: string) => {
    for (const listener of listeners) listener({ kind: "rewind", build: build.name, epoch });
  };
  return { kept, askForRewind };
}

const failuresOf = async (build: Build) =>
  openFailures(await store.catalog.failures(build), await store.store.checkpoints(build));

async function setCheckpoints(build: Build, ...points: LogPoint[]) {
  for (const [partition, { position, eventId }] of points.entries()) {
    const statement = `UPDATE ${build.name}.checkpoints SET position = $2, event_id = $3 WHERE partition = $1`;
    await store.pool.query(statement, [partition, position, eventId]);
  }
}

/** `[partition, after, upTo]` of batches. */
const links = (batches: readonly Batch[]) =>
  batches.map(({ partition, after, upTo }) => [partition, after, upTo.position]);

describe("a start", () => {
  test("opens the build from its lowest checkpoint, and every partition's first batch begins there", async () => {
    const build = await newTally();
    const log = scriptedLog(
      ...[added(10n, a), added(20n, b), added(30n, c), added(40n, a), added(50n, b), added(60n, c)],
    );
    await setCheckpoints(build, point(40n), point(20n), point(30n));
    const { kept } = await dispatch(build, log);
    await eventually(() => kept.sent.length >= 3, true);
    expect(log.openings).toEqual([20n]);
    const first = [0, 1, 2].map((partition) => kept.sent.find((batch) => batch.partition === partition)?.after);
    expect(first).toEqual([20n, 20n, 20n]);
    const events = kept.sent.flatMap((batch) => batch.events.map(({ position }) => position));
    expect(events.sort()).toEqual([30n, 40n, 50n, 60n]);
  });

  test("of a build that has seen nothing begins before the first event of the log", async () => {
    const build = await newTally();
    const log = scriptedLog(added(0n, a));
    const { kept } = await dispatch(build, log);
    await eventually(() => kept.sent.length >= 3, true);
    expect(log.openings).toEqual([undefined]);
    expect(links(kept.sent).sort()).toEqual([
      [0, -1n, 0n],
      [1, -1n, 0n],
      [2, -1n, 0n],
    ]);
  });
});

test("a build that is left while its checkpoints are read writes nothing to its queues any more", async () => {
  const build = await newTally();
  const { kept, queues } = keptQueues();
  const stop = new AbortController();
  const checkpoints = async (of: Build) => {
    const found = await store.store.checkpoints(of);
    stop.abort();
    return found;
  };
  let limited = 0;
  const counting = {
    ...queues,
    onePerPartition: async () => {
      limited++;
    },
  };
  const log = scriptedLog(added(10n, a));
  const { catalog } = store;
  const dependencies = {
    store: { ...store.store, checkpoints },
    catalog,
    codec,
    eventStore: forDispatch(log.eventStore),
  };
  const more = { queues: counting, logger, timing: patient, onSignal: () => () => {}, announce: async () => {} };
  await dispatchBuild({ ...dependencies, ...more }, build, stop.signal);
  expect([limited, kept.sent.length, log.openings.length]).toEqual([0, 0, 0]);
});

describe("an event that operators skip", () => {
  const sentTo = (kept: { sent: readonly Batch[] }) =>
    kept.sent.flatMap(({ events }) => events.map(({ position }) => position)).sort();

  test("is sent to no partition, although the skip is in the log before the position that the build is opened from", async () => {
    const build = await newTally();
    const name = build.readModel.name;
    const log = scriptedLog(added(10n, a), skipOf(20n, 40n, name), added(30n, b), added(40n, b), added(50n, c));
    await setCheckpoints(build, point(20n), point(20n), point(20n));
    const { kept } = await dispatch(build, log);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 50n).length, 3);
    expect(sentTo(kept)).toEqual([30n, 50n]);
  });

  test("is not sent when the skip comes while the epoch runs, nor again by the epoch that follows", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a), skipOf(20n, 40n, build.readModel.name));
    const { kept, askForRewind } = await dispatch(build, log);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 20n).length, 3);
    log.write(skipOf(30n, 50n, build.readModel.name));
    log.write(added(40n, b));
    log.write(added(50n, b));
    log.write(added(60n, c));
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 60n).length, 3);
    expect(sentTo(kept)).toEqual([10n, 60n]);
    const old = kept.sent[0]?.epoch ?? "";
    kept.sent.length = 0;
    askForRewind(old);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 60n).length, 3);
    expect(sentTo(kept)).toEqual([10n, 60n]);
  });

  test("is sent in every other read model", async () => {
    const build = await newTally();
    const log = scriptedLog(skipOf(20n, 40n, "shelf"), added(40n, b));
    const { kept } = await dispatch(build, log);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 40n).length, 3);
    expect(sentTo(kept)).toEqual([40n]);
  });
});

describe("a batch ends at a delivered event", () => {
  test("never at the position of a checkpoint message", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a));
    const { kept } = await dispatch(build, log);
    await eventually(() => kept.sent.length, 3);
    log.checkpoint(1_000n);
    await sleep(3 * quick.idle);
    log.write(added(900n, b));
    await eventually(() => kept.sent.length, 6);
    expect(kept.sent.map(({ upTo }) => upTo)).toEqual([10n, 10n, 10n, 900n, 900n, 900n].map(point));
  });
});

describe("a log that is not the one of the checkpoints", () => {
  test("is refused on start: nothing is sent, readiness says so, and it goes on when the log is the right one", async () => {
    const build = await newTally();
    const right = [added(10n, a), added(20n, b), added(30n, c)];
    const log = scriptedLog(...right.with(1, { ...added(20n, b), id: idAt(999n) }));
    await setCheckpoints(build, point(10n), point(20n), point(10n));
    const { kept } = await dispatch(build, log);
    const mismatch = { partition: 1, kind: "log_mismatch", position: 20n, eventId: idAt(20n) };
    await eventually(async () => (await failuresOf(build)).length, 1);
    const detail = `the log does not hold event ${idAt(20n)} at 20: event ${idAt(999n)} stands there`;
    expect(await failuresOf(build)).toEqual([{ ...mismatch, detail, since: expect.any(Date) }]);
    await sleep(3 * quick.retryRefused);
    expect([log.openings, kept.sent]).toEqual([[], []]);
    log.events[1] = added(20n, b);
    await eventually(() => kept.sent.length >= 3, true);
    expect(await failuresOf(build)).toEqual([]);
  });

  test("is refused after a lost subscription", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a), added(20n, b));
    await setCheckpoints(build, point(20n), point(20n), point(20n));
    await dispatch(build, log);
    await eventually(() => log.openings, [20n]);
    log.events.pop();
    log.fail();
    await eventually(async () => (await failuresOf(build)).map(({ kind }) => kind), ["log_mismatch"]);
    expect(log.openings).toEqual([20n]);
  });

  test("is refused on a rewind", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a), added(20n, b));
    await setCheckpoints(build, point(10n), point(10n), point(10n));
    const { kept, askForRewind } = await dispatch(build, log);
    await eventually(() => kept.sent.length >= 1, true);
    log.events[0] = { ...added(10n, a), id: idAt(999n) };
    askForRewind(kept.sent[0]?.epoch ?? "");
    await eventually(async () => (await failuresOf(build)).map(({ kind }) => kind), ["log_mismatch"]);
    expect(log.openings).toEqual([10n]);
  });
});

describe("a rewind", () => {
  test("begins a new epoch at the lowest checkpoint, and asks of the old epoch are ignored from then on", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a), added(20n, b), added(30n, c));
    const { kept, askForRewind } = await dispatch(build, log);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 30n).length, 3);
    const old = kept.sent[0]?.epoch ?? "";
    await setCheckpoints(build, point(10n), point(20n), point(10n));
    kept.sent.length = 0;
    askForRewind(old);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 30n).length, 3);
    expect(log.openings).toEqual([undefined, 10n]);
    expect([0, 1, 2].map((partition) => kept.sent.find((batch) => batch.partition === partition)?.after)).toEqual([
      10n,
      10n,
      10n,
    ]);
    expect(kept.sent.every(({ epoch }) => epoch !== old)).toBe(true);

    askForRewind(old);
    askForRewind(old);
    log.write(added(40n, a));
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 40n).length, 3);
    expect(log.openings).toEqual([undefined, 10n]);
  });

  test("comes by itself when a partition stands still and nothing of it is queued: Redis was emptied", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a));
    const { kept } = await dispatch(build, log, { ...quick, standstill: 200 });
    await eventually(() => log.openings.length >= 2, true);
    expect(log.openings.slice(0, 2)).toEqual([undefined, undefined]);
    await setCheckpoints(build, point(10n), point(10n), point(10n));
    const epochs = new Set(kept.sent.map(({ epoch }) => epoch));
    expect(epochs.size).toBeGreaterThanOrEqual(2);
    await sleep(100);
    const settled = log.openings.length;
    await sleep(500);
    expect(log.openings.length).toBe(settled);
  });
});

describe("a subscription", () => {
  test("that goes silent is opened again after the last delivered event, and the epoch goes on unbroken", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a), added(20n, a));
    const { kept } = await dispatch(build, log, { ...patient, silence: 200 });
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 20n).length, 3);
    log.silence();
    log.write(added(30n, a));
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 30n).length, 3);
    expect(log.openings.slice(0, 2)).toEqual([undefined, 20n]);
    expect(new Set(kept.sent.map(({ epoch }) => epoch)).size).toBe(1);
    for (const partition of [0, 1, 2]) {
      const own = kept.sent.filter((batch) => batch.partition === partition);
      expect(own.map(({ after }) => after)).toEqual([-1n, ...own.slice(0, -1).map(({ upTo }) => upTo.position)]);
    }
    expect(kept.sent.flatMap(({ events }) => events.map(({ position }) => position))).toEqual([10n, 20n, 30n]);
  });

  test("from which checkpoint messages come is not silent", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a));
    await dispatch(build, log, { ...patient, silence: 200 });
    for (let turn = 0n; turn < 12n; turn++) {
      await sleep(50);
      log.checkpoint(100n + turn);
    }
    expect(log.openings).toEqual([undefined]);
  });

  test("that is lost is opened again from the lowest checkpoint, as a new epoch", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a), added(20n, b));
    const { kept } = await dispatch(build, log);
    await eventually(() => kept.sent.filter(({ upTo }) => upTo.position === 20n).length, 3);
    await setCheckpoints(build, point(10n), point(20n), point(20n));
    log.fail();
    await eventually(() => log.openings, [undefined, 10n]);
  });
});

describe("a build with too many batches waiting", () => {
  test("is paused alone, and goes on when they are fewer", async () => {
    const [slow, brisk] = [await newTally(), await newTally()];
    const log = scriptedLog(added(10n, a));
    const { kept: slowQueues } = await dispatch(slow, log);
    const { kept: briskQueues } = await dispatch(brisk, log);
    await eventually(() => [slowQueues.sent.length, briskQueues.sent.length], [3, 3]);
    slowQueues.waitingInAll = 10_000;
    // Each event followed by a pause becomes one batch: more batches than may wait.
    for (let position = 100n; position < 200n; position++) {
      log.write(added(position, a));
      await sleep(quick.lingerBusy + 1);
    }
    await eventually(() => briskQueues.sent.at(-1)?.upTo.position, 199n);
    await sleep(2 * quick.idle);
    const sent = slowQueues.sent.length;
    expect(sent).toBeLessThanOrEqual(16 * partitions + partitions);
    await sleep(2 * quick.idle);
    expect(slowQueues.sent.length).toBe(sent);
    slowQueues.waitingInAll = 0;
    await eventually(() => slowQueues.sent.flatMap(({ events }) => events).at(-1)?.position, 199n);
  });

  test("gets no more of them by a rewind", async () => {
    const build = await newTally();
    const log = scriptedLog(added(10n, a));
    const { kept, askForRewind } = await dispatch(build, log);
    await eventually(() => kept.sent.length, 3);
    kept.waitingInAll = 10_000;
    askForRewind(kept.sent[0]?.epoch ?? "");
    await eventually(() => log.openings.length, 2);
    await sleep(3 * quick.idle);
    expect(kept.sent.length).toBe(3);
    kept.waitingInAll = 0;
    await eventually(() => kept.sent.length, 6);
  });
});

test("a partition that is blocked by an event is sent nothing more and counted nowhere: the others go on", async () => {
  const build = await newTally();
  const log = scriptedLog(added(10n, a), added(20n, b));
  const { kept } = await dispatch(build, log);
  await eventually(() => kept.sent.flatMap(({ events }) => events).length, 2);
  kept.queuedInPartition = 1;
  await store.catalog.reportFailure(build, { partition: 0, kind: "event_unknown", at: point(10n), detail: "no" });
  await sleep(4 * quick.watchEvery);
  const before = kept.sent.length;
  // More than may wait in all partitions: the backpressure counts the waiting ones, without the blocked partition.
  for (let position = 100n; position < 200n; position++) {
    log.write(added(position, position % 2n === 0n ? a : b));
    await sleep(quick.lingerBusy + 1);
  }
  const sent = () => kept.sent.slice(before).filter(({ events }) => events.length > 0);
  await eventually(() => sent().at(-1)?.upTo.position, 199n);
  expect(new Set(sent().map(({ partition }) => partition))).toEqual(new Set([1]));
  expect(kept.leftOut).toEqual([0]);
});

test("a build that may park no more keys is sent nothing in any partition, and goes on when there is room", async () => {
  const build = await newTally();
  const log = scriptedLog(added(10n, a), added(20n, b), added(30n, c));
  await setCheckpoints(build, { position: -1n, eventId: "" }, point(20n), point(30n));
  await store.catalog.reportFailure(build, { partition: 0, kind: "too_many_parked", at: point(10n), detail: "no" });
  // At its start, too: the report comes before anything is sent.
  const { kept } = await dispatch(build, log, quick, 1);
  await eventually(() => log.openings.length, 1);
  for (const [position, reader] of [
    [40n, a],
    [50n, b],
    [60n, c],
  ] as const)
    log.write(added(position, reader));
  await sleep(8 * quick.watchEvery + quick.standstill);
  expect([kept.sent, log.openings.length]).toEqual([[], 1]);
  kept.queuedInPartition = 0;
  await setCheckpoints(build, point(10n), point(20n), point(30n));
  const events = () => new Set(kept.sent.flatMap((batch) => batch.events.map(({ position }) => position)));
  await eventually(() => [40n, 50n, 60n].every((position) => events().has(position)), true);
});

test("when Redis loses the job of a blocked partition, its event is sent again, and the build stays at that", async () => {
  const build = await newTally();
  const log = scriptedLog(added(10n, a));
  await store.catalog.reportFailure(build, { partition: 0, kind: "event_unknown", at: point(10n), detail: "no" });
  const { kept } = await dispatch(build, log, quick);
  await eventually(() => kept.sent.some(({ events }) => events.some(({ position }) => position === 10n)), true);
  kept.queuedInPartition = 1;
  await sleep(2 * quick.watchEvery);
  const opened = log.openings.length;
  await sleep(8 * quick.watchEvery + quick.standstill);
  expect(log.openings.length).toBe(opened);
});
