import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ownEventStore } from "./ownStore.ts";
import { scaled } from "./soak.ts";

const events = scaled(50_000, 1_000_000);
const MiB = 1024 * 1024;
let store: Awaited<ReturnType<typeof ownEventStore>>;

beforeAll(async () => {
  store = await ownEventStore();
});
afterAll(() => store?.stop());

it(`with ${events} events it holds at most 150 MiB more than an empty one`, async () => {
  const empty = await store.memory();
  const client = EventStoreDBClient.connectionString(store.url);
  const streams = events / 10;
  const perAppend = 10;
  let next = 0;
  const write = async () => {
    while (next < streams) {
      const stream = `shelf-${next++}`;
      await client.appendToStream(
        stream,
        Array.from({ length: perAppend }, (_, n) =>
          jsonEvent({ type: "BookAdded", data: { n, title: "x".repeat(100) } }),
        ),
        { expectedRevision: "no_stream" },
      );
    }
  };
  await Promise.all(Array.from({ length: 32 }, write));
  await client.dispose();
  const written = (await store.memory()) - empty;
  const startMs = await store.restart();
  const started = (await store.memory()) - empty;

  const reader = EventStoreDBClient.connectionString(store.url);
  let read = 0;
  const began = performance.now();
  for await (const { event } of reader.readAll()) if (event) read++;
  const readMs = performance.now() - began;
  await reader.dispose();
  const afterRead = (await store.memory()) - empty;
  const inMiB = (bytes: number) => `${(bytes / MiB).toFixed(0)} MiB`;
  console.log(
    `${events} events in ${streams} streams: ${inMiB(written)} more when written, ${inMiB(started)} after a restart of ` +
      `${(startMs / 1000).toFixed(1)} s, ${inMiB(afterRead)} after reading all in ${(readMs / 1000).toFixed(1)} s`,
  );
  expect(read).toBe(events);
  expect(started).toBeLessThan(150 * MiB);
  expect(afterRead).toBeLessThan(150 * MiB);
}, 600_000);
