import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { eventually } from "../../support/waiting.ts";
import { logger, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { append, engineOn, shelve } from "./runningEngine.ts";

const book = "hongloumeng0";
const model = tallyOf("others");

let store: Store;
let engine: Awaited<ReturnType<typeof engineOn>>;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let client: EventStoreDBClient;
beforeAll(async () => {
  store = await freshStore();
  engine = await engineOn(store, [model]);
  server = await freshEventStore("the read model must hold what this test wrote and nothing else");
  eventStore = connectEventStore({ url: server.url, logger });
  client = EventStoreDBClient.connectionString(server.url);
});
afterAll(async () => {
  await engine.close();
  await client.dispose();
  await eventStore.close();
  await server.stop();
  await store.close();
});

/** Events that look like ours but are not. */
async function writeOthers(reader: string): Promise<void> {
  const added = (more: object = {}) =>
    jsonEvent({ type: "BookAddedToShelf", data: { bookId: book, ...more }, metadata: { schemaVersion: 1 } });
  for (const stream of ["shelfish-1", "shelf", "shelves-1", "ashelf-1", "Shelf-1", "$shelf-1", "doctor"]) {
    await client.appendToStream(stream, [added()]);
  }
  await client.setStreamMetadata(`shelf-${reader}`, { maxCount: 1_000 });
  await client.setStreamMetadata("shelfish-1", { maxAge: 1 });
  await client.appendToStream("$et-BookAddedToShelf", [
    jsonEvent({ type: "$>", data: `0@shelf-${reader}` as never, metadata: { schemaVersion: 1 } }),
  ]);
  // In a stream of ours: the server's own kinds of events, and a link to an event of ours.
  await client.appendToStream(`shelf-${randomUUID()}`, [
    jsonEvent({ type: "$metadata", data: {} }),
    jsonEvent({ type: "$something", data: { bookId: book } }),
    jsonEvent({ type: "$>", data: `0@shelf-${reader}` as never }),
  ]);
}

test("what stands in other streams, and the server's own events in ours, is as if it were not there: live and filled", async () => {
  const live = await store.build(model, 2);
  engine.start(eventStore);
  const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
  await shelve(eventStore, one, book);
  await writeOthers(one);
  await shelve(eventStore, two, book, "xiyouji00000");
  await writeOthers(two);
  await append(eventStore, `shelf-${one}`, 0n, { type: "BookAddedToShelf", data: { bookId: "sanguoyanyi0" } });
  await writeOthers(three);
  const [last = 0n] = await shelve(eventStore, three, book);
  await eventually(() => store.positions(live), [last, last]);
  const expected = Object.fromEntries(
    [
      [one, 2],
      [two, 2],
      [three, 1],
    ].sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  );
  expect(await store.tally(live)).toEqual(expected);
  expect(await store.catalog.failures(live)).toEqual([]);
  expect(await store.store.parked(live)).toEqual([]);

  const filled = await store.catalog.add(model, 3);
  if (filled === undefined) throw new Error("no build was added");
  const state = async () => (await store.catalog.list()).find(({ name }) => name === filled.name)?.state;
  await eventually(state, "live");
  expect(await store.tally(filled)).toEqual(expected);
  expect(await store.store.parked(filled)).toEqual([]);
});
