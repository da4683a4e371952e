import { randomUUID } from "node:crypto";
import {
  type AllStreamSubscription,
  EventStoreDBClient,
  jsonEvent,
  START,
  streamNameFilter,
} from "@eventstore/db-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshEventStore } from "../../support/eventStore.ts";
import { scaled } from "./soak.ts";

let store: Awaited<ReturnType<typeof freshEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  store = await freshEventStore();
  client = EventStoreDBClient.connectionString(store.url);
});

afterAll(async () => {
  await client?.dispose();
  await store?.stop();
});

const writers = 8;
const appendsEach = scaled(150, 3000);
const text = "x".repeat(500);

/** Each writer appends to its own stream, events numbered from 0, two at a time. */
async function write(category: string): Promise<void> {
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; n < appendsEach; n++) {
        const pair = [2 * n, 2 * n + 1].map((number) => jsonEvent({ type: "Numbered", data: { number, text } }));
        await client.appendToStream(`${category}-${writer}`, pair, {
          expectedRevision: n === 0 ? "no_stream" : BigInt(2 * n - 1),
        });
      }
    }),
  );
}

/** The numbers of each stream in the order of arrival, until all have come; a late subscriber starts during the load. */
async function collect(subscription: AllStreamSubscription, pauseMs: number): Promise<Map<string, number[]>> {
  const numbers = new Map<string, number[]>();
  let last = 0n;
  let count = 0;
  for await (const { event } of subscription) {
    if (!event) continue;
    expect(event.position.commit > last).toBe(true);
    last = event.position.commit;
    const list = numbers.get(event.streamId) ?? [];
    list.push((event.data as { number: number }).number);
    numbers.set(event.streamId, list);
    count += 1;
    if (count === writers * appendsEach * 2) break;
    if (pauseMs > 0 && count % 100 === 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await subscription.unsubscribe();
  return numbers;
}

it("subscribers that come before, during and after the load, and a slow one, get every event once and in order", async () => {
  const category = `load${randomUUID().slice(0, 8)}`;
  const subscribe = () =>
    client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: [`${category}-`] }) });
  const early = [collect(subscribe(), 0), collect(subscribe(), 20)];
  const writing = write(category);
  await new Promise((resolve) => setTimeout(resolve, 150));
  const during = [collect(subscribe(), 0), collect(subscribe(), 0)];
  await writing;
  const all = await Promise.all([...early, ...during, collect(subscribe(), 0)]);
  const expected = Array.from({ length: appendsEach * 2 }, (_, n) => n);
  for (const numbers of all) {
    expect([...numbers.keys()].toSorted()).toEqual(Array.from({ length: writers }, (_, n) => `${category}-${n}`));
    for (const list of numbers.values()) expect(list).toEqual(expected);
  }
}, 300_000);

it("a subscriber to a stream gets every event of a burst once and in order", async () => {
  const stream = `burst-${randomUUID()}`;
  const subscription = client.subscribeToStream(stream, { fromRevision: START });
  const revisions: bigint[] = [];
  const done = (async () => {
    for await (const { event } of subscription) {
      if (event) revisions.push(event.revision);
      if (revisions.length === 1000) break;
    }
  })();
  const appends = Array.from({ length: 200 }, () =>
    client.appendToStream(
      stream,
      Array.from({ length: 5 }, () => jsonEvent({ type: "Burst", data: {} })),
    ),
  );
  await Promise.all(appends);
  await done;
  await subscription.unsubscribe();
  expect(revisions).toEqual(Array.from({ length: 1000 }, (_, n) => BigInt(n)));
});
