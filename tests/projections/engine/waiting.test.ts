import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConsistencyToken } from "../../../src/domain/consistencyToken.ts";
import { createResponseCache } from "../../../src/http/responseCache.ts";
import type { Redis } from "../../../src/platform/redis.ts";
import { type Build, type BuildState, partitionId } from "../../../src/projections/engine/core/build.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import type { BuildRecord } from "../../../src/projections/engine/ports/buildCatalog.ts";
import { createProgressTracker, type ProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { createWaiters } from "../../../src/projections/engine/progress/waiters.ts";
import { publish } from "../../../src/projections/engine/transport/signals.ts";
import { createWaitFor, keysOfToken } from "../../../src/projections/waitFor.ts";
import { logger, readersByPartition, tallyOf } from "../fixtures.ts";

const shelf = tallyOf("shelf");
const [reader = "", other = ""] = readersByPartition(2);

const buildOf = (number: number, partitions = 2): Build => ({
  readModel: shelf,
  number,
  partitions,
  name: `shelf_v1_b${number}`,
});
const recordOf = (build: Build, state: BuildState): BuildRecord & { readonly build: Build } => ({
  ...build,
  readModel: shelf.name,
  version: 1,
  build,
  state,
  filled: true,
  paused: false,
  fillProgress: null,
  reason: null,
  dropped: false,
  createdAt: new Date(0),
});

/** Catalog, store and signals in memory, and how often the checkpoints were read. */
function world(...builds: readonly Build[]) {
  const [first] = builds as readonly [Build];
  const channel = Object.assign(new EventEmitter(), {
    subscribe: async () => 1,
    publish: async (name: string, text: string) => Number(channel.emit("message", name, text)),
  }) as EventEmitter & { publish(name: string, text: string): Promise<number> };
  const state = {
    reads: 0,
    parkedReads: 0,
    visibleWithinMs: 0,
    records: [recordOf(first, "live")],
    positions: new Map(builds.map(({ name, partitions }) => [name, Array<bigint>(partitions).fill(0n)])),
    parked: [] as { build: string; partition: number; key: string }[],
  };
  const tracker = createProgressTracker({
    readModels: [shelf],
    catalog: { buildsOf: async () => state.records },
    store: {
      async checkpoints({ name }) {
        state.reads++;
        const parkedIn = (number: number) =>
          state.parked.filter(({ build, partition }) => build === name && partition === number);
        return (state.positions.get(name) ?? []).map((position, number) => ({
          position,
          eventId: "",
          parkedKeys: parkedIn(number).length,
          parkedVersion: BigInt(parkedIn(number).length),
        }));
      },
      parkedKeys: async ({ name }) => {
        state.parkedReads++;
        return state.parked
          .filter(({ build }) => build === name)
          .map(({ partition, key }) => ({ partition, key, eventId: "", position: 0n }));
      },
      visibleWithinMs: () => state.visibleWithinMs,
    },
    subscriber: channel as unknown as Redis,
    logger,
  });
  trackers.push(tracker);
  const signal = ({ name }: Build, partition: number, position: bigint, parkedKeys: readonly string[] = []) =>
    publish(channel as unknown as Redis, {
      kind: "advanced",
      build: name,
      partition,
      position,
      after: 0n,
      keys: [],
      parkedKeys,
    });
  const announce = () => publish(channel as unknown as Redis, { kind: "builds", readModel: shelf.name });
  return { state, tracker, channel, signal, announce };
}
const trackers: ProgressTracker[] = [];
const consistencyOf = (tracker: ProgressTracker) =>
  createWaitFor({ tracker, store: { refresh: async () => {} }, logger });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  for (const tracker of trackers.splice(0)) tracker.close();
  vi.useRealTimers();
});

/** The current state of a promise. */
function watched<Value>(promise: Promise<Value>) {
  const seen = { settled: false, value: undefined as Value | undefined };
  void promise.then((value) => Object.assign(seen, { settled: true, value }));
  return seen;
}
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a thousand who wait for one build", () => {
  const build = buildOf(1);
  const waitAll = (tracker: ProgressTracker) =>
    Array.from({ length: 1_000 }, (_, index) => watched(tracker.reached(build, 0, BigInt(index + 1), 2_000)));
  const woken = (waiting: readonly { settled: boolean }[]) => waiting.filter(({ settled }) => settled).length;

  test("are woken by signals, each by the first that reaches it, without reading the checkpoints", async () => {
    const { state, tracker, signal } = world(build);
    await settle();
    const waiting = waitAll(tracker);
    state.reads = 0;
    for (let signals = 1; signals <= 50; signals++) {
      await signal(build, 0, BigInt(20 * signals));
      await settle();
      expect(woken(waiting)).toBe(20 * signals);
    }
    expect(waiting.every(({ value }) => value === true)).toBe(true);
    expect(state.reads).toBe(0);
  });

  test("share one reading in 50 ms and one in a second, however many signals come", async () => {
    const { state, tracker, signal } = world(build);
    await settle();
    const waiting = waitAll(tracker);
    state.reads = 0;
    for (let signals = 1; signals <= 50; signals++) {
      await signal(build, 1, BigInt(signals));
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(state.reads).toBeGreaterThan(0);
    expect(state.reads).toBeLessThanOrEqual(1_000 / 50 + 1);
    expect(woken(waiting)).toBe(0);
    state.positions.set(build.name, [1_000n, 50n]);
    await vi.advanceTimersByTimeAsync(50);
    expect(woken(waiting)).toBe(1_000);
    state.reads = 0;
    await vi.advanceTimersByTimeAsync(500);
    expect(state.reads).toBeLessThanOrEqual(1);
  });

  test("are told no when their time is over, and nobody is waited for then", async () => {
    const { state, tracker } = world(build);
    await settle();
    const waiting = waitAll(tracker);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(waiting.every(({ settled, value }) => settled && value === false)).toBe(true);
    state.reads = 0;
    await vi.advanceTimersByTimeAsync(900);
    expect(state.reads).toBe(0);
  });
});

test("waiters of a partition are woken in the order of their positions, whatever order they came in", async () => {
  const waiters = createWaiters();
  const [here, there] = [partitionId("build", 0), partitionId("build", 1)];
  const order: bigint[] = [];
  for (const position of [5n, 2n, 9n, 1n, 7n]) {
    void waiters.wait(here, position, 1_000).then((reached) => reached && order.push(position));
  }
  const elsewhere = watched(waiters.wait(there, 1n, 1_000));
  waiters.advanced(here, 5n);
  await settle();
  expect(order).toEqual([1n, 2n, 5n]);
  waiters.advanced(here, 9n);
  await settle();
  expect(order).toEqual([1n, 2n, 5n, 7n, 9n]);
  expect([here, there].map(waiters.isWaitedFor)).toEqual([false, true]);
  expect(elsewhere.settled).toBe(false);
  waiters.giveUp(there);
  await settle();
  expect(elsewhere).toEqual({ settled: true, value: false });
});

describe("a build that is replaced", () => {
  const [old, next] = [buildOf(1), buildOf(2, 3)];
  const token: ConsistencyToken = { position: 7n, category: "shelf", reader, books: [] };
  const replace = async ({ state, announce }: ReturnType<typeof world>) => {
    state.records = [recordOf(next, "live")];
    await announce();
    await settle();
  };

  test("gives its waiters up at once, and answers nobody any more", async () => {
    const here = world(old, next);
    await settle();
    const waiting = watched(here.tracker.reached(old, 0, 7n, 2_000));
    await replace(here);
    expect(waiting).toEqual({ settled: true, value: false });
    expect(await here.tracker.reached(old, 0, 0n, 2_000)).toBe(false);
    expect(here.tracker.of(shelf.name)?.live?.name).toBe(next.name);
  });

  test("is followed by the one that is live now: the query waits for that one's partition of its key", async () => {
    const here = world(old, next);
    await settle();
    const waiting = watched(consistencyOf(here.tracker)([shelf.name], [token]));
    await replace(here);
    expect(waiting.settled).toBe(false);
    await here.signal(old, partitionOf(reader, 2), 7n);
    await settle();
    expect(waiting.settled).toBe(false);
    await here.signal(next, partitionOf(reader, 3), 7n);
    await settle();
    expect(waiting).toEqual({ settled: true, value: "current" });
  });

  test("leaves a query its two seconds, not two more", async () => {
    const here = world(old, next);
    await settle();
    const waiting = watched(consistencyOf(here.tracker)([shelf.name], [token]));
    await vi.advanceTimersByTimeAsync(1_500);
    await replace(here);
    await vi.advanceTimersByTimeAsync(499);
    expect(waiting.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(waiting).toEqual({ settled: true, value: "stale" });
  });

  test("by none makes the query stale at once", async () => {
    const here = world(old, next);
    await settle();
    const waiting = watched(consistencyOf(here.tracker)([shelf.name], [token]));
    here.state.records = [];
    await here.announce();
    await settle();
    expect(waiting).toEqual({ settled: true, value: "stale" });
  });
});

describe("a parked key", () => {
  const build = buildOf(1);
  const parkedKeysOf = (tracker: ProgressTracker) =>
    tracker.of(shelf.name)?.live?.partitionProgress.map(({ parkedKeys }) => [...parkedKeys]);

  test("is known from the signal of the commit that parked it, and so is that it goes on", async () => {
    const { state, tracker, signal } = world(build);
    await settle();
    state.reads = 0;
    const waitFor = consistencyOf(tracker);
    const waiting = [reader, other].map((key) =>
      watched(waitFor([shelf.name], [{ position: 7n, category: "shelf", reader: key, books: [] }])),
    );
    await signal(build, 0, 7n, [reader]);
    await signal(build, 1, 7n);
    await settle();
    expect(waiting.map(({ value }) => value)).toEqual(["stale", "current"]);
    expect(parkedKeysOf(tracker)).toEqual([[reader], []]);
    await signal(build, 0, 8n);
    expect(parkedKeysOf(tracker)).toEqual([[], []]);
    expect(await waitFor([shelf.name], [{ position: 7n, category: "shelf", reader, books: [] }])).toBe("current");
    expect(state.reads).toBe(0);
  });

  test("is not forgotten for a signal of a retry that comes late, after the key was parked again", async () => {
    const { tracker, channel, signal } = world(build);
    await settle();
    const retried = (position: bigint, parkedKeys: readonly string[]) =>
      publish(channel as unknown as Redis, {
        kind: "changed",
        build: build.name,
        partition: 0,
        position,
        keys: [reader],
        parkedKeys,
      });
    await signal(build, 0, 9n, [reader]);
    await retried(8n, []);
    expect(parkedKeysOf(tracker)).toEqual([[reader], []]);
    await retried(9n, []);
    expect(parkedKeysOf(tracker)).toEqual([[], []]);
  });

  test("is known from polling when its signal was lost", async () => {
    const { state, tracker } = world(build);
    await settle();
    state.parked.push({ build: build.name, partition: 0, key: reader });
    state.positions.set(build.name, [7n, 7n]);
    await tracker.refresh();
    expect(parkedKeysOf(tracker)).toEqual([[reader], []]);
  });

  test("is read once, however many readings follow, until something is parked or retried again", async () => {
    const { state, tracker } = world(build);
    await settle();
    state.parked.push({ build: build.name, partition: 0, key: reader });
    for (let readings = 0; readings < 5; readings++) await tracker.refresh();
    expect(state.parkedReads).toBe(1);
    state.parked.push({ build: build.name, partition: 1, key: other });
    for (let readings = 0; readings < 5; readings++) await tracker.refresh();
    expect(state.parkedReads).toBe(2);
    expect(parkedKeysOf(tracker)).toEqual([[reader], [other]]);
  });
});

describe("a change that the store shows to queries only later", () => {
  const build = buildOf(1);
  const source = [{ readModel: shelf.name }];

  test("counts again when it is visible, so that what was computed in between does not last", async () => {
    const { state, tracker, signal } = world(build);
    state.visibleWithinMs = 1_500;
    await settle();
    const advance = async (position: bigint) => {
      state.positions.set(build.name, [position, 0n]);
      await signal(build, 0, position);
    };
    await advance(1n);
    await vi.advanceTimersByTimeAsync(1_000);
    await advance(2n);
    const inBetween = tracker.now() ?? Number.NaN;
    expect(tracker.unchangedSince(inBetween, source)).toBe(true);
    await vi.advanceTimersByTimeAsync(600);
    const firstVisible = tracker.now() ?? Number.NaN;
    expect(tracker.unchangedSince(inBetween, source)).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tracker.unchangedSince(firstVisible, source)).toBe(false);
    const allVisible = tracker.now() ?? Number.NaN;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tracker.unchangedSince(allVisible, source)).toBe(true);
  });

  /** A query of the store through the cache of responses; the checkpoint is ahead of the shown data. */
  async function cachedQuery() {
    const { state, tracker, signal } = world(build);
    state.visibleWithinMs = 1_500;
    await settle();
    let shown = "old";
    const refreshes: (() => void)[] = [];
    const refresh = () =>
      new Promise<void>((done) => {
        refreshes.push(() => {
          shown = "new";
          done();
        });
      });
    const waitFor = createWaitFor({ tracker, store: { refresh }, logger });
    const cache = createResponseCache({
      changes: tracker as Parameters<typeof createResponseCache>[0]["changes"],
      keysOfToken: (_, token) => keysOfToken(shelf, token),
      maxBytes: 1_000_000,
    });
    const sources = [{ readModel: shelf.name, key: undefined }] as never;
    let made: Promise<void> | undefined;
    const ask = async (...tokens: ConsistencyToken[]) => {
      const waited = tokens.length === 0 ? "current" : await waitFor([shelf.name], tokens);
      const make = async () => {
        const text = shown;
        await made;
        return { text, sources };
      };
      const { json, consistency } = await cache.get(
        { name: "query", sources, make, limit: (work) => work(), keepForMs: undefined },
        tokens,
      );
      return [waited === "current" ? consistency : waited, String(json)];
    };
    const makingLasts = (until: Promise<void>) => {
      made = until;
    };
    state.positions.set(build.name, [7n, 7n]);
    for (const partition of [0, 1]) await signal(build, partition, 7n);
    return { ask, refreshes, makingLasts };
  }
  const token: ConsistencyToken = { position: 7n, category: "shelf", reader, books: [] };

  test("is in the answer to a query with its token, whoever asked before the refresh", async () => {
    const { ask, refreshes } = await cachedQuery();
    expect(await ask()).toEqual(["current", "old"]);
    const answer = ask(token);
    await settle();
    expect(await ask()).toEqual(["current", "old"]);
    refreshes[0]?.();
    expect(await answer).toEqual(["current", "new"]);
  });

  test("is in the answer also where the one without is still being made, or the refresh takes longer than usual", async () => {
    const { ask, refreshes, makingLasts } = await cachedQuery();
    await vi.advanceTimersByTimeAsync(1_600);
    let end = () => {};
    makingLasts(
      new Promise((done) => {
        end = done;
      }),
    );
    const early = ask();
    const answer = ask(token);
    await settle();
    refreshes[0]?.();
    await settle();
    end();
    expect(await early).toEqual(["current", "old"]);
    expect(await answer).toEqual(["current", "new"]);
  });

  test("counts once more for a refresh, however many follow", async () => {
    const { state, tracker, signal } = world(build);
    state.visibleWithinMs = 1_500;
    await settle();
    state.positions.set(build.name, [1n, 0n]);
    await signal(build, 0, 1n);
    const change = tracker.now() ?? Number.NaN;
    await tracker.refreshed(shelf.name, async () => {});
    const shown = tracker.now() ?? Number.NaN;
    expect([tracker.unchangedSince(change, source), tracker.unchangedSince(shown, source)]).toEqual([false, true]);
    await tracker.refreshed(shelf.name, async () => {});
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tracker.unchangedSince(shown, source)).toBe(true);
    // Events that arrive during a refresh may be in it or not.
    await tracker.refreshed(shelf.name, async () => signal(build, 0, 2n));
    const inBetween = tracker.now() ?? Number.NaN;
    await tracker.refreshed(shelf.name, async () => {});
    expect(tracker.unchangedSince(inBetween, source)).toBe(false);
  });

  test("counts once where commits are visible at once", async () => {
    const { state, tracker, signal } = world(build);
    await settle();
    state.positions.set(build.name, [1n, 0n]);
    await signal(build, 0, 1n);
    const change = tracker.now() ?? Number.NaN;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tracker.unchangedSince(change, source)).toBe(true);
  });
});
