import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Pool } from "../../../src/platform/postgres.ts";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import {
  createProgressTracker,
  type ProgressTracker,
  type Source,
} from "../../../src/projections/engine/progress/tracker.ts";
import { publish } from "../../../src/projections/engine/transport/signals.ts";
import { library as realLibrary } from "../../../src/projections/library/library.ts";
import { shelf as realShelf } from "../../../src/projections/shelf/shelf.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { eventually } from "../../support/waiting.ts";
import { logger, readersByPartition } from "../fixtures.ts";
import { connectSignals, type Signals } from "../signals.ts";
import { freshStore, type Store } from "../store.ts";

// Separate names: Redis publishes to all its databases, and other test files have builds with the production names.
const shelf = { ...realShelf, name: "noticed_shelf" };
const library = { ...realLibrary, name: "noticed_library" };
const partitions = 2;
const [reader = "", other = ""] = readersByPartition(partitions);

let store: Store;
let signals: Signals;
let build: Build;
let tracker: ProgressTracker;
beforeAll(async () => {
  store = await freshStore();
  signals = await connectSignals();
  build = await store.build(shelf, partitions);
  await store.build(library, partitions);
});
afterAll(async () => {
  signals.close();
  await store.close();
});
beforeEach(async () => {
  await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = 0, event_id = ''`);
  tracker = newTracker();
  await tracker.refresh();
});
afterEach(() => tracker.close());

/** A new API process. */
const newTracker = (pool: Pool = store.pool) =>
  createProgressTracker({
    readModels: [shelf, library],
    catalog: createCatalog(pool),
    store: createPostgresStore(pool),
    subscriber: signals.subscriber,
    logger,
  });

const commit = (partitionKey: string, position: bigint) =>
  store.pool.query(`UPDATE ${build.name}.checkpoints SET position = $2 WHERE partition = $1`, [
    partitionOf(partitionKey, partitions),
    position,
  ]);

/** What a worker does when it has applied a batch of the key's partition. */
async function advance(partitionKey: string, after: bigint, position: bigint, keys: readonly string[] | undefined) {
  await commit(partitionKey, position);
  await publish(signals.redis, {
    kind: "advanced",
    build: build.name,
    partition: partitionOf(partitionKey, partitions),
    position,
    after,
    keys,
    parkedKeys: [],
  });
}

/** Another reader of the same partition. */
const neighbour = Array.from({ length: 100 }, (_, index) => `neighbour${index}`).find(
  (key) => partitionOf(key, partitions) === partitionOf(reader, partitions),
) as string;

const sources: Record<string, readonly Source[]> = {
  reader: [{ readModel: shelf.name, key: reader }],
  neighbour: [{ readModel: shelf.name, key: neighbour }],
  other: [{ readModel: shelf.name, key: other }],
  all: [{ readModel: shelf.name }],
  library: [{ readModel: library.name, key: reader }],
  either: [{ readModel: library.name }, { readModel: shelf.name, key: reader }],
};

/** Which of the sources changed since, once the `wanted` ones did. */
async function changedSince(since: number | undefined, ...wanted: string[]) {
  const changed = () =>
    Object.keys(sources).filter((name) => !tracker.unchangedSince(since ?? -1, sources[name] as readonly Source[]));
  await eventually(() => changed(), wanted);
}

test("a signal is a change of the keys that it names, of the read model, and of nothing else", async () => {
  const since = tracker.now();
  await advance(reader, 0n, 5n, [reader]);
  await changedSince(since, "reader", "all", "either");
  await changedSince(tracker.now());
});

test("a batch that brought a partition nothing is no change, and the next signal follows on it", async () => {
  const since = tracker.now();
  await advance(reader, 0n, 5n, []);
  await advance(reader, 5n, 6n, [neighbour]);
  await changedSince(since, "neighbour", "all");
});

test("a signal that names no keys is a change of the whole partition", async () => {
  const since = tracker.now();
  await advance(reader, 0n, 5n, undefined);
  await changedSince(since, "reader", "neighbour", "all", "either");
});

test("a signal that begins behind the last one tells that one was lost: the whole partition changed", async () => {
  const since = tracker.now();
  await commit(reader, 5n);
  await advance(reader, 5n, 6n, [neighbour]);
  await changedSince(since, "reader", "neighbour", "all", "either");
});

test("a signal that comes twice, or late, is no other change", async () => {
  await advance(reader, 0n, 5n, [reader]);
  await advance(reader, 5n, 6n, [reader]);
  await eventually(() => tracker.unchangedSince(tracker.now() ?? -1, sources.all ?? []), true);
  await tracker.refresh();
  const since = tracker.now();
  const partition = partitionOf(reader, partitions);
  await publish(signals.redis, {
    kind: "advanced",
    build: build.name,
    partition,
    position: 5n,
    after: 0n,
    keys: [reader],
    parkedKeys: [],
  });
  await advance(other, 0n, 7n, [other]);
  await changedSince(since, "other", "all");
});

test("without any signal polling the checkpoints finds the change within two seconds", async () => {
  const since = tracker.now();
  await commit(reader, 5n);
  await changedSince(since, "reader", "neighbour", "all", "either");
});

test("signals of another build are no changes", async () => {
  const since = tracker.now();
  await publish(signals.redis, {
    kind: "advanced",
    build: "elsewhere_v1_b1",
    partition: 0,
    position: 9n,
    after: 0n,
    keys: undefined,
    parkedKeys: [],
  });
  await advance(other, 0n, 5n, [other]);
  await changedSince(since, "other", "all");
});

test("another live build is a change of all", async () => {
  const since = tracker.now();
  const next = await store.add(shelf, partitions);
  await store.store.takeOver(next, build, async () => true);
  await tracker.refresh();
  await changedSince(since, "reader", "neighbour", "other", "all", "either");
  build = next;
});

test("as long as Postgres cannot be asked nothing is known", async () => {
  const away = { query: () => Promise.reject(new Error("Postgres is away")) } as unknown as Pool;
  const blind = newTracker(away);
  await expect(blind.refresh()).rejects.toThrow("Postgres is away");
  expect(blind.now()).toBeUndefined();
  blind.close();
});
