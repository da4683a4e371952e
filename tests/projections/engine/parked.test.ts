import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHandleCommand } from "../../../src/commands/handleCommand.ts";
import { skipParkedEvent } from "../../../src/commands/operations/skipParkedEvent.ts";
import { ownContext } from "../../../src/commands/ownContext.ts";
import { addBookToShelf } from "../../../src/commands/shelf/addBookToShelf.ts";
import type { HandleCommand } from "../../../src/commands/types.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { projectionsEndpoints } from "../../../src/http/projections/endpoints.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { startDispatcher } from "../../../src/projections/engine/dispatch/startDispatcher.ts";
import { createParkedEvents, type ParkedEvents } from "../../../src/projections/engine/parked/parkedEvents.ts";
import { createReadModelReadiness } from "../../../src/projections/engine/progress/readiness.ts";
import { createProjectionsStatus } from "../../../src/projections/engine/progress/status.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { publish } from "../../../src/projections/engine/transport/signals.ts";
import { startWorkers } from "../../../src/projections/engine/workers/startWorkers.ts";
import { runWith } from "../../cli/fixtures.ts";
import { bearer, json, startApi } from "../../http/startApi.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { codec, logger, quick, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

// Follows the remedies of docs/troubleshooting.md, "Parked events", with a dispatcher, workers, the command line and HTTP.

/** Books that the handler refuses until it is fixed. */
const bad = new Set<string>();
const readModel = tallyOf("shelf", ({ data }) => {
  const { bookId } = data as { bookId: string };
  if (bad.has(bookId)) throw new Error("cannot count");
  return undefined;
});

let store: Store;
let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let redis: Redis[];
let build: Build;
let parked: ParkedEvents;
let handleCommand: HandleCommand;
let readiness: ReturnType<typeof createReadModelReadiness>;
let api: Awaited<ReturnType<typeof startApi>>;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  store = await freshStore();
  log = await freshEventStore();
  eventStore = connectEventStore({ url: log.url, logger });
  handleCommand = createHandleCommand({ eventStore, logger });
  const url = await redisUrl();
  redis = [false, true, true].map((blocking) => connectRedis({ url, blocking, logger }));
  const [queues, workers, subscriber] = redis as [Redis, Redis, Redis];
  subscriber.setMaxListeners(0);
  build = await store.build(readModel, 2);
  const engine = { readModels: [readModel], store: store.store, catalog: store.catalog, codec, eventStore, logger };
  const dispatcher = startDispatcher({ ...engine, redis: queues, subscriber, timing: quick });
  const working = startWorkers({ ...engine, redis: workers, subscriber, timing: quick });
  const tracker = createProgressTracker({ ...engine, subscriber });
  readiness = createReadModelReadiness({ ...engine, tracker });
  const status = createProjectionsStatus({ ...engine, tracker, redis: queues });
  parked = createParkedEvents({ ...engine, publish: (signal) => publish(queues, signal), mayDie: false });
  const { list, retry, stateOf, retrySkipped } = parked;
  const skip = { handleCommand, parkedEvent: stateOf, retrySkipped };
  api = await startApi(
    projectionsEndpoints({ status: status.read, parked: list, retry, skip, rebuild: async () => undefined }),
  );
  closing.push(api.close, dispatcher.close, working.close, async () => tracker.close(), status.close);
});
afterAll(async () => {
  for (const close of closing) await close();
  await redis[0]?.flushdb();
  for (const connection of redis) connection.disconnect();
  await eventStore.close();
  await log.stop();
  await store.close();
});

/** Adds a book to a reader's shelf, as a command does. */
async function add(readerId: string, bookId: string): Promise<void> {
  const deps = { handleCommand, bookExists: async () => true, capacity: 1_000 };
  await addBookToShelf(deps, { readerId, bookId }, ownContext({ bookId }));
}
const listed = async () => (await parked.list("shelf", { after: null, limit: 200 })).rows;
/** `heima projections …`. */
const heima = (...args: readonly string[]) =>
  runWith(["projections", ...args], {
    parkedKeys: async function* (names) {
      if (names.includes("shelf")) yield* await listed();
    },
    retryParked: parked.retry,
    skipParked: (what) => {
      const deps = { handleCommand, parkedEvent: parked.stateOf, retrySkipped: parked.retrySkipped };
      return skipParkedEvent(deps, { ...what, skippedBy: "a test" }, ownContext(what));
    },
  });
const asOperator = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.fetch(`/v1/projections${path}`, {
    ...(body === undefined ? {} : { method: "POST", ...json(body) }),
    headers: { authorization: bearer("reader", "operator"), "content-type": "application/json", ...headers },
  });
const countOf = async (readerId: string) => (await store.tally(build))[readerId];
/** A new reader of this partition. */
function readerOf(partition: number): string {
  for (;;) {
    const readerId = randomUUID();
    if (partitionOf(readerId, 2) === partition) return readerId;
  }
}
const [good, first, second] = ["goodbook0000", "badbook00000", "badbook11111"] as const;

test("a key is parked while others go on; mend the handler, retry, and it is as if nothing had been", async () => {
  const [reader, other] = [randomUUID(), randomUUID()];
  bad.add(first);
  for (const book of [good, first, second]) await add(reader, book);
  await add(other, good);
  await eventually(() => countOf(other), 1);
  await eventually(async () => (await listed()).map(({ events }) => events), [2]);
  expect(await countOf(reader)).toBe(1);
  expect((await readiness()).ready).toBe(true);

  const shown = await heima("parked", "shelf");
  expect(shown.stdout).toMatch(
    new RegExp(`shelf_v1_b1 +\\d +${reader} .* BookAddedToShelf +shelf-${reader} .* 2 .*cannot count`),
  );
  expect(shown.stdout).not.toContain(first);
  const refused = await heima("retry", "shelf", "--key", reader);
  expect([refused.code, refused.stderr]).toEqual([1, "heima: 1 of 1 keys stay parked\n"]);

  bad.clear();
  const retried = await heima("retry", "shelf", "--key", reader);
  expect([retried.code, retried.stdout]).toEqual([
    0,
    expect.stringMatching(`${reader}: 2 folded; nothing stays parked`),
  ]);
  expect(await countOf(reader)).toBe(3);
  expect((await heima("parked")).stdout).toBe("nothing is parked\n");
  expect((await heima("retry", "shelf", "--key", reader)).code).toBe(1);
});

test("an event that cannot be mended is skipped, with a reason, and the others of its key are folded", async () => {
  const reader = randomUUID();
  bad.add(first);
  for (const book of [first, good]) await add(reader, book);
  await eventually(async () => (await listed()).map(({ events }) => events), [2]);
  const [{ eventId = "" } = {}] = await listed();
  const skipped = await heima("skip", "shelf", "--event", eventId, "--reason", "written by hand");
  expect([skipped.code, skipped.stderr]).toEqual([0, ""]);
  expect(skipped.stdout).toMatch(/loses what BookAddedToShelf of shelf-.*; 1 later events are folded without it/);
  expect(await countOf(reader)).toBe(1);
  expect((await heima("skip", "shelf", "--event", eventId, "--reason", "again")).stdout).toContain(
    "was skipped before",
  );
  expect((await heima("skip", "shelf", "--event", randomUUID(), "--reason", "none")).code).toBe(1);
  expect((await heima("skip", "shelf", "--event", eventId)).code).toBe(2);
});

test("operators do the same over HTTP; readers do not", async () => {
  const reader = randomUUID();
  bad.add(first);
  for (const book of [first, good, second]) await add(reader, book);
  await eventually(async () => (await listed()).map(({ events }) => events), [3]);
  expect((await api.fetch("/v1/projections/shelf/parked")).status).toBe(403);
  const { items } = (await (await asOperator("/shelf/parked")).json()) as { items: { key: string; eventId: string }[] };
  expect(items).toMatchObject([{ key: reader, readModel: "shelf", build: build.name, events: 3 }]);
  const status = (await (await asOperator("")).json()) as { items: { partitions: { parkedKeys: number }[] }[] };
  expect(status.items[0]?.partitions.reduce((sum, { parkedKeys }) => sum + parkedKeys, 0)).toBe(1);

  const told = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];
  expect(await told(await asOperator("/nothing/parked"))).toEqual([404, "read_model_not_found"]);
  expect(await told(await asOperator("/shelf/parked/retry", { key: "nobody" }))).toEqual([
    404,
    "parked_event_not_found",
  ]);
  const left = (await (await asOperator("/shelf/parked/retry", { key: reader })).json()) as { items: unknown[] };
  expect(left.items).toMatchObject([
    { key: reader, folded: 0, left: 3, error: expect.stringContaining("cannot count") },
  ]);

  const { eventId = "" } = items[0] ?? {};
  const body = { eventId, reason: "written by hand" };
  expect(await told(await asOperator("/shelf/parked/skip", { ...body, eventId: randomUUID() }))).toEqual([
    404,
    "parked_event_not_found",
  ]);
  bad.clear();
  expect(await told(await asOperator("/shelf/parked/skip", body))).toEqual([409, "parked_event_not_refused"]);
  bad.add(first);
  const key = { "idempotency-key": randomUUID() };
  const done = await (await asOperator("/shelf/parked/skip", body, key)).json();
  expect(done).toMatchObject({ events: ["ParkedEventSkipped"] });
  expect(await (await asOperator("/shelf/parked/skip", body, key)).json()).toEqual(done);
  expect(await told(await asOperator("/shelf/parked/skip", { ...body, reason: "other" }, key))).toEqual([
    422,
    "idempotency_key_reused",
  ]);
  expect(await countOf(reader)).toBe(2);
});

test("more than 100 parked keys stop the build; retries and skips make room, and it goes on by itself", async () => {
  bad.clear();
  bad.add(first);
  const readers = Array.from({ length: 100 }, () => randomUUID());
  for (const reader of readers) await add(reader, first);
  await eventually(async () => (await listed()).length, 100);
  expect((await readiness()).ready).toBe(true);
  const [one, waiting, going] = [readerOf(0), readerOf(0), readerOf(1)];
  await add(one, first);
  await add(waiting, good);
  const stopped = async () =>
    (await readiness()).readModels.shelf?.partitions.flatMap(({ partition, stopped }) =>
      stopped ? [[partition, stopped.kind]] : [],
    );
  await eventually(
    stopped,
    [0, 1].map((partition) => [partition, "too_many_parked"]),
    30_000,
  );
  expect((await readiness()).ready).toBe(false);
  expect(await countOf(waiting)).toBe(undefined);
  await add(going, good);
  expect(await listed()).toHaveLength(100);

  const [{ eventId = "" } = {}] = await listed();
  expect((await heima("skip", "shelf", "--event", eventId, "--reason", "making room")).code).toBe(0);
  await eventually(stopped, []);
  await eventually(() => countOf(waiting), 1);
  await eventually(() => countOf(going), 1);
  expect((await readiness()).ready).toBe(true);
  expect(await listed()).toHaveLength(100);

  bad.clear();
  expect((await heima("retry", "shelf", "--all")).code).toBe(0);
  expect(await listed()).toEqual([]);
  const counts = await Promise.all([...readers, one].map(countOf));
  expect(counts.filter((count) => count === 1)).toHaveLength(100);
}, 120_000);
