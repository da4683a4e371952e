import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConsistencyToken } from "../../src/domain/consistencyToken.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../src/projections/engine/core/partition.ts";
import { areLive, createProgressTracker, type ProgressTracker } from "../../src/projections/engine/progress/tracker.ts";
import { publish } from "../../src/projections/engine/transport/signals.ts";
import { library as realLibrary } from "../../src/projections/library/library.ts";
import { shelf as realShelf } from "../../src/projections/shelf/shelf.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { createWaitFor } from "../../src/projections/waitFor.ts";
import { eventually } from "../support/waiting.ts";
import { added, logger, point, readersByPartition, tallyOf } from "./fixtures.ts";
import { connectSignals, type Signals } from "./signals.ts";
import { freshStore, type Store } from "./store.ts";

// Separate names: Redis publishes to all its databases, and other test files have builds with the production names.
const shelf = { ...realShelf, name: "waited_shelf" };
const library = { ...realLibrary, name: "waited_library" };
const partitions = 4;
const book = "hongloumeng0";
const [reader = "", other = ""] = readersByPartition(partitions);

let store: Store;
let signals: Signals;
let builds: { shelf: Build; library: Build };
beforeAll(async () => {
  store = await freshStore();
  signals = await connectSignals();
  builds = { shelf: await store.build(shelf, partitions), library: await store.build(library, partitions) };
});
afterAll(async () => {
  signals.close();
  await store.close();
});
beforeEach(async () => {
  for (const build of [builds.shelf, builds.library]) {
    await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = -1, event_id = ''`);
  }
  await store.pool.query("TRUNCATE projections.failures");
});

const trackers: ProgressTracker[] = [];
afterEach(() => {
  for (const tracker of trackers.splice(0)) tracker.close();
});

/** A new API process with empty caches. */
const newProcess = (pool: Pool = store.pool, readModels: readonly ReadModel[] = [shelf, library]) => {
  const stores = { catalog: createCatalog(pool), store: createPostgresStore(pool) };
  const tracker = createProgressTracker({ readModels, ...stores, subscriber: signals.subscriber, logger });
  trackers.push(tracker);
  return { tracker, waitFor: createWaitFor({ tracker, store: stores.store, logger }) };
};
const newWaitFor = (pool?: Pool) => newProcess(pool).waitFor;

const onShelf = (position: bigint, of = reader): ConsistencyToken => ({
  position,
  category: "shelf",
  reader: of,
  books: [book],
});
const ofBook = (position: bigint): ConsistencyToken => ({ position, category: "book", books: [book] });

async function advance(build: Build, partitionKey: string, position: bigint) {
  const signal = advancedTo(build, partitionKey, position);
  await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = $2 WHERE partition = $1`, [
    signal.partition,
    position,
  ]);
  return signal;
}

/** The signal of a worker that advanced the partition of this key. */
function advancedTo(build: Build, partitionKey: string, position: bigint) {
  const partition = partitionOf(partitionKey, partitions);
  return { kind: "advanced", build: build.name, partition, position, after: -1n, keys: [], parkedKeys: [] } as const;
}

/** Whether a query has gone on after 200 ms, in which the checkpoints were read too. */
async function isAnswered(waiting: Promise<unknown>): Promise<boolean> {
  let answered = false;
  void waiting.then(() => {
    answered = true;
  });
  await sleep(200);
  return answered;
}

async function timed<Value>(work: Promise<Value>): Promise<readonly [Value, number]> {
  const begun = performance.now();
  return [await work, performance.now() - begun];
}

describe("a query with a token", () => {
  test("is answered at once when the partition of its key has passed the position", async () => {
    await advance(builds.shelf, reader, 7n);
    expect(await newWaitFor()([shelf.name], [onShelf(7n)])).toBe("current");
  });

  test("is answered once what its checkpoint stands for is found by searches, in the read models that it waited for", async () => {
    const { tracker } = newProcess();
    await advance(builds.shelf, reader, 7n);
    await tracker.refresh();
    const refreshed: string[] = [];
    let made = () => {};
    const refresh = (build: { readonly name: string }) =>
      new Promise<void>((resolve) => {
        refreshed.push(build.name);
        made = resolve;
      });
    const waitFor = createWaitFor({ tracker, store: { refresh }, logger });
    let answered = false;
    const answer = waitFor([shelf.name, library.name], [onShelf(7n)]).finally(() => {
      answered = true;
    });
    await eventually(() => refreshed.length > 0, true);
    expect(answered).toBe(false);
    made();
    expect(await answer).toBe("current");
    expect(refreshed).toContain(builds.shelf.name);
    const fails = createWaitFor({ tracker, store: { refresh: () => Promise.reject(new Error("away")) }, logger });
    expect(await fails([shelf.name], [onShelf(7n)])).toBe("stale");
  });

  test("waits for the partition of its key, whatever the others have passed, and is stale after two seconds at the earliest", async () => {
    for (const partition of [1, 2, 3]) {
      await store.pool.query(
        `UPDATE ${builds.shelf.name}.checkpoints SET position = 99 WHERE partition = ${partition}`,
      );
    }
    await advance(builds.shelf, reader, 6n);
    const [answer, ms] = await timed(newWaitFor()([shelf.name], [onShelf(7n)]));
    expect(answer).toBe("stale");
    expect(ms).toBeGreaterThan(1_900);
  });

  test("is answered from a signal that came before, without reading the checkpoints", async () => {
    let readings = 0;
    const counting = Object.assign(Object.create(store.pool) as Pool, {
      query: (...query: Parameters<Pool["query"]>) => {
        readings++;
        return store.pool.query(...query);
      },
    });
    const waitFor = newWaitFor(counting);
    expect(await waitFor([shelf.name], [onShelf(-1n)])).toBe("current");
    await publish(signals.redis, await advance(builds.shelf, reader, 7n));
    await sleep(100);
    readings = 0;
    expect(await waitFor([shelf.name], [onShelf(7n)])).toBe("current");
    expect(readings).toBe(0);
  });

  test("goes on by the signal alone, before a checkpoint is read", async () => {
    const waiting = newWaitFor()([shelf.name], [onShelf(7n)]);
    expect(await isAnswered(waiting)).toBe(false);
    // The checkpoint in Postgres stays where it is.
    await publish(signals.redis, advancedTo(builds.shelf, reader, 7n));
    expect(await waiting).toBe("current");
  });

  test("goes on as well when the signal is lost", async () => {
    const waiting = newWaitFor()([shelf.name], [onShelf(7n)]);
    expect(await isAnswered(waiting)).toBe(false);
    await advance(builds.shelf, reader, 7n);
    expect(await waiting).toBe("current");
  });

  test("is not deceived by another build's or another partition's signal", async () => {
    const waiting = newWaitFor()([shelf.name], [onShelf(7n)]);
    const partition = partitionOf(reader, partitions);
    await publish(signals.redis, {
      kind: "advanced",
      build: builds.library.name,
      partition,
      position: 9n,
      after: -1n,
      keys: [],
      parkedKeys: [],
    });
    await publish(signals.redis, {
      kind: "advanced",
      build: builds.shelf.name,
      partition: partitionOf(other, partitions),
      position: 9n,
      after: -1n,
      keys: [],
      parkedKeys: [],
    });
    expect(await waiting).toBe("stale");
  });

  test("waits in each read model that it reads and that the category feeds, in no other", async () => {
    await advance(builds.shelf, reader, 7n);
    expect(await newWaitFor()([shelf.name, library.name], [onShelf(7n)])).toBe("current");
    expect(await newWaitFor()([library.name], [onShelf(99n)])).toBe("current");
  });

  test("waits under the book's key where rows belong to books", async () => {
    const waiting = newWaitFor()([shelf.name, library.name], [ofBook(7n)]);
    expect(await isAnswered(waiting)).toBe(false);
    await advance(builds.library, book, 7n);
    expect(await waiting).toBe("current");
  });

  test("waits for all partitions where rows belong to books and the token names none of its many", async () => {
    const everywhere = [0, 1, 2, 3].map((partition) =>
      Array.from({ length: 100 }, (_, index) => `book${index}`).find(
        (key) => partitionOf(key, partitions) === partition,
      ),
    ) as string[];
    const waitFor = newWaitFor();
    const many: ConsistencyToken = { ...ofBook(7n), books: "any" };
    for (const key of everywhere.slice(1)) await advance(builds.library, key, 7n);
    const waiting = waitFor([shelf.name, library.name], [many]);
    expect(await isAnswered(waiting)).toBe(false);
    await advance(builds.library, everywhere[0]!, 7n);
    expect(await waiting).toBe("current");
    await advance(builds.library, everywhere[0]!, 6n);
    expect(await newWaitFor()([library.name], [many])).toBe("stale");
    await advance(builds.library, everywhere[0]!, 7n);
    await store.store.inPartition(builds.library, 2, (session) =>
      session.park([{ key: everywhere[2]!, event: added(6n, reader), error: "cannot count" }]),
    );
    expect(await newWaitFor()([library.name], [many])).toBe("stale");
    expect(await newWaitFor()([library.name], [{ ...many, position: 8n, category: "shelf" }])).toBe("current");
  });

  test("waits for all of several tokens", async () => {
    await advance(builds.shelf, reader, 7n);
    const waitFor = newWaitFor();
    const tokens = [onShelf(7n), ofBook(9n), onShelf(8n, other)];
    const waiting = waitFor([shelf.name, library.name], tokens);
    await advance(builds.library, book, 9n);
    expect(await isAnswered(waiting)).toBe(false);
    await advance(builds.shelf, other, 8n);
    expect(await waiting).toBe("current");
  });

  test("is stale when the read model has no build yet, and current once it has one", async () => {
    const unbuilt = tallyOf("unbuilt");
    const { tracker, waitFor } = newProcess(store.pool, [unbuilt]);
    expect(await areLive(tracker, ["unbuilt"])).toBe(false);
    expect(await waitFor(["unbuilt"], [onShelf(7n)])).toBe("stale");
    await advance(await store.build(unbuilt, partitions), reader, 7n);
    // The successful read may have begun before the build was live.
    await eventually(() => areLive(tracker, ["unbuilt"]), true);
    expect(await waitFor(["unbuilt"], [onShelf(7n)])).toBe("current");
  });

  test("is stale, not an error, when Postgres is away", async () => {
    const away = Object.assign(Object.create(store.pool) as Pool, {
      query: () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })),
    });
    expect(await newWaitFor(away)([shelf.name], [onShelf(7n)])).toBe("stale");
  });

  test("is stale while its key is parked, and current for its neighbours in the partition", async () => {
    const neighbour = Array.from({ length: 100 }, (_, index) => `neighbour${index}`).find(
      (key) => partitionOf(key, partitions) === partitionOf(reader, partitions),
    ) as string;
    const partition = partitionOf(reader, partitions);
    await store.store.inPartition(builds.shelf, partition, async (session) => {
      await session.park([{ key: reader, event: added(6n, reader), error: "cannot count" }]);
      await session.advance(point(7n));
    });
    const waitFor = newWaitFor();
    expect(await waitFor([shelf.name], [onShelf(7n)])).toBe("stale");
    expect(await waitFor([shelf.name], [onShelf(7n, neighbour)])).toBe("current");
    await store.store.inPartition(builds.shelf, partition, (session) => session.unpark(reader));
    expect(await newWaitFor()([shelf.name], [onShelf(7n)])).toBe("current");
  });
});
