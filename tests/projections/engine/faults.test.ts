import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type JobsOptions, Queue } from "bullmq";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { ShelfEvent } from "../../../src/domain/shelf/events.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../../src/event-store/errors.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { startDispatcher } from "../../../src/projections/engine/dispatch/startDispatcher.ts";
import { startPartitionWorkers } from "../../../src/projections/engine/workers/partitionWorkers.ts";
import { startSharedWorkers } from "../../../src/projections/engine/workers/sharedWorkers.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { mulberry32 } from "../../support/random.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { codec, logger, quick, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

/** TEST_SEED repeats the choices of a run, though not its timing. */
const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
const faultsForMs = 20_000;
const partitions = 3;
const readers = Array.from({ length: 12 }, () => randomUUID());
const books = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0", "shuihuzhuan0"];

const random = mulberry32(seed);
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;

let store: Store;
let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let redis: { queues: Redis; workers: Redis; signals: Redis };
let builds: Build[];
beforeAll(async () => {
  store = await freshStore();
  log = await freshEventStore("the server is killed");
  eventStore = connectEventStore({ url: log.url, logger });
  const url = await redisUrl();
  redis = {
    queues: connectRedis({ url, blocking: false, logger }),
    workers: connectRedis({ url, blocking: true, logger }),
    signals: connectRedis({ url, blocking: true, logger }),
  };
  // All dispatchers that faults start listen on this one connection.
  redis.signals.setMaxListeners(0);
  builds = [await store.build(shelf, partitions), await store.build(tallyOf("tally"), partitions)];
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await redis.queues.flushdb();
  for (const connection of Object.values(redis)) connection.disconnect();
  await eventStore.close();
  await log.stop();
  await store.close();
});

const startWorker = () => {
  const { store: stored, catalog } = store;
  const dependencies = { store: stored, catalog, codec, redis: redis.workers, logger, timing: quick };
  const shared = startSharedWorkers({ ...dependencies, member: randomUUID() });
  const workers = builds.map((build) => startPartitionWorkers(dependencies, build));
  for (const [index, { ended }] of workers.entries()) shared.add(builds[index] as Build, ended);
  return {
    async close() {
      await shared.close();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
};
const startDispatching = () =>
  startDispatcher({
    readModels: builds.map(({ readModel }) => readModel),
    store: store.store,
    catalog: store.catalog,
    codec,
    eventStore,
    redis: redis.queues,
    subscriber: redis.signals,
    logger,
    timing: quick,
  });

/** Jobs that arrive twice, late (after others), or not at all. */
function disturbQueues() {
  const counts = { twice: 0, late: 0, lost: 0 };
  const add = Queue.prototype.add;
  vi.spyOn(Queue.prototype, "add").mockImplementation(async function (
    this: Queue,
    name: string,
    data: unknown,
    options?: JobsOptions,
  ) {
    const really = () => add.call(this, name, data, options);
    const chance = random();
    if (chance < 0.08) {
      counts.twice++;
      await really();
    } else if (chance < 0.2) {
      counts.late++;
      setTimeout(() => really().catch(() => undefined), random() * 300).unref();
      return {} as Awaited<ReturnType<typeof really>>;
    } else if (chance < 0.28) {
      counts.lost++;
      return {} as Awaited<ReturnType<typeof really>>;
    }
    return really();
  });
  return counts;
}

/** The expected state of a reader: the books on the shelf, how many were ever added, and the stream's revision. */
type Known = { readonly shelf: Map<string, bigint>; added: number; lastBook: string; revision: bigint | "no_stream" };
const truth = new Map<string, Known>(
  readers.map((reader) => [reader, { shelf: new Map(), added: 0, lastBook: "", revision: "no_stream" }]),
);
let lastEvent = { position: -1n, id: "" };

/** Shelves or unshelves one book of one reader; repeated with the same id until the outcome is known. */
async function writeOne(): Promise<void> {
  const reader = pick(readers);
  const known = truth.get(reader)!;
  const bookId = pick(books);
  const type: ShelfEvent["type"] = known.shelf.has(bookId) ? "BookRemovedFromShelf" : "BookAddedToShelf";
  const id = randomUUID();
  const event = codec.encode({ type, data: { bookId } }, id, {
    commandId: id,
    commandHash: "0".repeat(64),
    correlationId: id,
    causationId: id,
    occurredAt: new Date().toISOString(),
  });
  for (;;) {
    try {
      const { revision, position } = await eventStore.append(`shelf-${reader}`, known.revision, [event]);
      known.revision = revision;
      lastEvent = { position, id };
      if (type === "BookRemovedFromShelf") known.shelf.delete(bookId);
      else {
        known.shelf.set(bookId, position);
        known.added++;
        known.lastBook = bookId;
      }
      return;
    } catch (error) {
      if (!(error instanceof OutcomeUnknown || error instanceof EventStoreUnavailable)) throw error;
      await sleep(50);
    }
  }
}

test(`whatever fails, rows are the fold of the log and checkpoints its end (TEST_SEED=${seed})`, {
  timeout: 90_000,
}, async () => {
  const disturbed = disturbQueues();
  let dispatcher = startDispatching();
  const second = startDispatching();
  const workers = [startWorker(), startWorker()];
  const database = new URL(store.url).pathname.slice(1);
  const faults = {
    "Redis is emptied": () => redis.queues.flushdb(),
    "the dispatcher is restarted": async () => {
      await dispatcher.close();
      dispatcher = startDispatching();
    },
    "a worker is restarted": async () => {
      await workers.shift()?.close();
      workers.push(startWorker());
    },
    "connections to Postgres are cut": () =>
      store.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
        [database],
      ),
    "the event store is killed": async () => {
      await log.kill();
      await log.restart();
    },
  };
  const happened: string[] = [];
  const until = Date.now() + faultsForMs;
  const writing = (async () => {
    while (Date.now() < until) {
      await writeOne();
      await sleep(random() * 10);
    }
  })();
  try {
    while (Date.now() < until) {
      await sleep(200 + random() * 800);
      const [name, fault] = pick(Object.entries(faults));
      happened.push(name);
      await fault();
    }
    await writing;
    vi.restoreAllMocks();

    const ends = builds.map(() => Array.from({ length: partitions }, () => lastEvent.position));
    await eventually(() => Promise.all(builds.map((build) => store.positions(build))), ends);
  } finally {
    await writing;
    await Promise.all([dispatcher, second, ...workers].map((process) => process.close()));
  }

  const [shelves, tallies] = builds as [Build, Build];
  const onShelf = [...truth].flatMap(([reader, { shelf }]) =>
    [...shelf].map(([book, position]) => `${reader} ${book} ${position}`),
  );
  const rows = await store.rows(shelves, "shelf_books");
  expect(rows.map((row) => `${row.reader_id} ${row.book_id} ${row.added_position}`)).toEqual(onShelf.sort());
  const counted = [...truth].filter(([, { added }]) => added > 0);
  expect(await store.rows(tallies, "tallies")).toEqual(
    counted
      .map(([reader_id, { added, lastBook }]) => ({ reader_id, added, last_book: lastBook }))
      .sort((one, two) => (one.reader_id < two.reader_id ? -1 : 1)),
  );
  for (const build of builds) {
    const found = await store.pool.query(`SELECT DISTINCT event_id FROM ${build.name}.checkpoints`);
    expect(found.rows).toEqual([{ event_id: lastEvent.id }]);
  }
  // A run without faults would prove nothing.
  expect(Math.min(...Object.values(disturbed))).toBeGreaterThan(0);
  expect(new Set(happened).size).toBeGreaterThan(2);
  expect(lastEvent.position).toBeGreaterThan(100n);
});
