import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, test } from "vitest";
import { idOf } from "../../../src/domain/streamNames.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { defineReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { eventually } from "../../support/waiting.ts";
import { logger, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { append, engineOn, shelve } from "./runningEngine.ts";

const busy = tallyOf("busy");
const quiet = defineReadModel({
  name: "quiet",
  version: 1,
  partitionKey: "reader",
  categories: ["history"],
  tables: { opened: { columns: { reader_id: "text", book_id: "text" }, primaryKey: ["reader_id", "book_id"] } },
  on: {
    BookOpened: {
      keys: (event) => ({ opened: [{ reader_id: idOf(event.stream), book_id: event.data.bookId }] }),
      project: (_, event) => ({ opened: [{ reader_id: idOf(event.stream), book_id: event.data.bookId }] }),
    },
  },
});

let store: Store;
let engine: Awaited<ReturnType<typeof engineOn>>;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
beforeAll(async () => {
  store = await freshStore();
  engine = await engineOn(store, [busy, quiet]);
  server = await freshEventStore("the log must hold what this test wrote and nothing else");
  eventStore = connectEventStore({ url: server.url, logger });
});
afterAll(async () => {
  await engine.close();
  await eventStore.close();
  await server.stop();
  await store.close();
});

test("a build of which nothing is written follows the others, so that a restart need not read past their events; its own come after", async () => {
  const [one, other] = [await store.build(busy, 1), await store.build(quiet, 2)];
  const opened: (bigint | undefined)[] = [];
  const subscribe: EventStore["subscribe"] = (asked) => {
    if (!asked.categories.includes("shelf")) opened.push(asked.after);
    return eventStore.subscribe(asked);
  };
  const first = engine.start({ ...eventStore, subscribe });
  // It learns their progress once it shares their subscription.
  const follows = async () => {
    const [position = -1n] = await shelve(eventStore, randomUUID(), "hongloumeng0");
    await eventually(() => store.positions(one), [position]);
    return (await store.positions(other))[0] !== -1n;
  };
  await eventually(follows, true);
  const [followed = -1n] = await store.positions(other);
  await eventually(() => store.positions(other), [followed, followed]);
  await first.close();

  opened.length = 0;
  engine.start({ ...eventStore, subscribe });
  await eventually(() => opened[0], followed);
  const reader = randomUUID();
  const data = { bookId: "hongloumeng0", visit: 1, openedAt: "2026-01-01T00:00:00.000Z", forgotten: null };
  const event = { type: "BookOpened", data } as const;
  await append(eventStore, `history-${reader}`, "no_stream", event);
  const rows = async () => (await store.pool.query(`SELECT * FROM ${other.name}.opened`)).rows;
  await eventually(rows, [{ reader_id: reader, book_id: "hongloumeng0" }]);
});
