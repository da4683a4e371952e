import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkLog } from "../../../src/doctor/log.ts";
import { postgresChecks } from "../../../src/doctor/postgres.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import { InvalidPosition } from "../../../src/event-store/errors.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { dispatchBuild } from "../../../src/projections/engine/dispatch/dispatchBuild.ts";
import { createReadModelReadiness } from "../../../src/projections/engine/progress/readiness.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { eventually } from "../../support/waiting.ts";
import { codec, logger, quick, recorded, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { engineOn, shelve } from "./runningEngine.ts";
import { forDispatch, keptQueues, scriptedLog } from "./scripted.ts";

const reason = "two logs are compared, and both must be empty";
const readers = Array.from({ length: 4 }, () => randomUUID());
const [reader = ""] = readers;
const book = "hongloumeng0";
const model = tallyOf("tally");

let store: Store;
let engine: Awaited<ReturnType<typeof engineOn>>;
let servers: Awaited<ReturnType<typeof freshEventStore>>[];
let right: EventStore;
let foreign: EventStore;
beforeAll(async () => {
  store = await freshStore();
  engine = await engineOn(store, [model]);
  servers = [await freshEventStore(reason), await freshEventStore(reason)];
  [right, foreign] = servers.map(({ url }) => connectEventStore({ url, logger })) as [EventStore, EventStore];
});
afterAll(async () => {
  await engine.close();
  await Promise.all([right.close(), foreign.close()]);
  await Promise.all(servers.map((server) => server.stop()));
  await store.close();
});

const failuresOf = async (build: Build) => (await store.catalog.failures(build)).map(({ kind }) => kind);

/** As reported by GET /health/ready and `heima doctor`. */
async function health(eventStore: EventStore) {
  const { catalog } = store;
  const tracker = createProgressTracker({ readModels: [model], catalog, store: store.store, logger });
  const readiness = createReadModelReadiness({ tracker, catalog, eventStore, readModels: [model], logger });
  const { ready, readModels } = await readiness();
  const stopped = readModels[model.name]?.partitions.flatMap((partition) => partition.stopped?.kind ?? []);
  tracker.close();
  const check = postgresChecks(store.pool, "here", [model], store.store).find(({ name }) => name === "read models");
  const doctor = await check?.run(AbortSignal.timeout(5_000));
  const log = await checkLog(eventStore, store, [model]);
  return { ready, stopped, doctor: doctor?.status, log: log?.status };
}

test("a longer log of others, of which the checkpoint lies within an event, is refused within seconds; the right one goes on", async () => {
  const build = await store.build(model, 2);
  const positions = await shelve(right, reader, book, "xiyouji00000");
  const last = positions.at(-1) ?? 0n;
  // Events of other sizes, until the log is far longer.
  for (const other of readers.slice(1)) await shelve(foreign, other, ...["a", "b", "c"].map((x) => x.repeat(64)));
  expect(await foreign.readLogEnd()).toBeGreaterThan(last);
  await expect(readAnything(foreign, last)).rejects.toThrow(InvalidPosition);

  const first = engine.start(right);
  await eventually(() => store.positions(build), [last, last]);
  const well = { ready: true, stopped: [], doctor: "ok", log: undefined };
  expect(await health(right)).toEqual(well);
  await first.close();

  // Even without a dispatcher the doctor detects that it is another log.
  expect(await health(foreign)).toMatchObject({ log: "failed" });
  const second = engine.start(foreign);
  await eventually(() => failuresOf(build), ["log_mismatch"]);
  const [failure] = await store.catalog.failures(build);
  expect(failure?.detail).toMatch(/at \d+: the log has no event there$/);
  const ill = await health(foreign);
  expect(ill).toEqual({ ready: false, stopped: ["log_mismatch"], doctor: "failed", log: "failed" });
  expect(await store.positions(build)).toEqual([last, last]);
  await second.close();

  engine.start(right);
  await eventually(() => failuresOf(build), []);
  const [next = 0n] = await shelve(right, readers[1] ?? "", book);
  await eventually(() => store.positions(build), [next, next]);
  expect(await store.tally(build)).toEqual({ [reader]: 2, [readers[1] ?? ""]: 1 });
  expect(await health(right)).toEqual(well);
});

test("a subscription that ends with InvalidPosition although the checkpoint fits is a mismatch too, as long as it does", async () => {
  const build = await store.build(tallyOf("invalid"));
  const added = recorded(10n, `shelf-${reader}`, { type: "BookAddedToShelf", data: { bookId: book } });
  await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = 10, event_id = $1`, [added.id]);
  const log = scriptedLog(added);
  let invalid = true;
  const eventStore: EventStore = {
    ...log.eventStore,
    async *subscribe(options) {
      if (invalid) throw new InvalidPosition("the log has no such position");
      yield* log.eventStore.subscribe(options);
    },
  };
  const stop = new AbortController();
  const { queues, kept } = keptQueues();
  const dependencies = {
    store: store.store,
    catalog: store.catalog,
    codec,
    eventStore: forDispatch(eventStore),
    queues,
    logger,
    timing: quick,
  };
  const dispatching = dispatchBuild(
    { ...dependencies, onSignal: () => () => {}, announce: async () => {} },
    build,
    stop.signal,
  );
  await eventually(() => failuresOf(build), ["log_mismatch"]);
  invalid = false;
  log.write({ ...added, id: randomUUID(), position: 20n, revision: 1n });
  await eventually(() => kept.sent.map(({ upTo }) => upTo.position), [20n]);
  expect(await failuresOf(build)).toEqual([]);
  stop.abort();
  await dispatching;
});

test("a log that ends before the last delivered event, and came while the subscription was silent, is refused", async () => {
  const build = await store.build(tallyOf("silent"));
  const [one, two] = [10n, 20n].map((position) =>
    recorded(position, `shelf-${reader}`, { type: "BookAddedToShelf", data: { bookId: book } }),
  );
  if (one === undefined || two === undefined) throw new Error("two events");
  const log = scriptedLog(one, two);
  const stop = new AbortController();
  const { queues, kept } = keptQueues();
  const timing = { ...quick, standstill: 60_000, silence: 200 };
  const dependencies = {
    store: store.store,
    catalog: store.catalog,
    codec,
    eventStore: forDispatch(log.eventStore),
    queues,
    logger,
    timing,
  };
  const dispatching = dispatchBuild(
    { ...dependencies, onSignal: () => () => {}, announce: async () => {} },
    build,
    stop.signal,
  );
  await eventually(() => kept.sent.at(-1)?.upTo.position, 20n);
  await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = 20, event_id = $1`, [two.id]);
  log.silence();
  log.events.pop();
  await eventually(() => failuresOf(build), ["log_mismatch"]);
  stop.abort();
  await dispatching;
});

async function readAnything(eventStore: EventStore, after: bigint): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  for await (const message of eventStore.subscribe({ categories: ["shelf"], after, signal })) {
    if (message.kind === "caughtUp") return;
  }
}
