import { afterEach, beforeEach, expect, test } from "vitest";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { newEvent } from "./events.ts";

let server: Awaited<ReturnType<typeof freshEventStore>>;
let store: EventStore;
beforeEach(async () => {
  server = await freshEventStore("the server is killed");
  store = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

async function revisionsOf(stream: string): Promise<bigint[]> {
  const revisions: bigint[] = [];
  for await (const { revision } of store.readStream(stream)) revisions.push(revision);
  return revisions;
}

test("a server that is away leaves an append's outcome unknown and a read unavailable, until it is back", async () => {
  const event = newEvent();
  await store.append("shelf-1", "no_stream", [event]);
  await server.kill();
  await expect(store.append("shelf-1", 0n, [newEvent()])).rejects.toThrow(OutcomeUnknown);
  await expect(revisionsOf("shelf-1")).rejects.toThrow(EventStoreUnavailable);
  await expect(store.readLogAt(0n)).rejects.toThrow(EventStoreUnavailable);
  await expect(store.ping()).rejects.toThrow(EventStoreUnavailable);
  await server.restart();
  await store.ping();
  expect(await store.append("shelf-1", "no_stream", [event])).toMatchObject({ revision: 0n });
  expect(await revisionsOf("shelf-1")).toEqual([0n]);
});

test("a server killed under load loses no acknowledged append, and a repeat writes none twice", async () => {
  const writers = Array.from({ length: 16 }, (_, n) => `shelf-${n}`);
  const acknowledged = new Map<string, number>();
  let stopping = false;
  const running = writers.map(async (stream) => {
    let revision = -1n;
    while (!stopping) {
      const event = newEvent();
      for (;;) {
        try {
          ({ revision } = await store.append(stream, revision < 0n ? "no_stream" : revision, [event]));
          break;
        } catch (error) {
          expect(error).toBeInstanceOf(OutcomeUnknown);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      acknowledged.set(stream, (acknowledged.get(stream) ?? 0) + 1);
    }
  });
  for (let kills = 0; kills < 2; kills++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.kill();
    await server.restart();
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  stopping = true;
  await Promise.all(running);
  for (const stream of writers) {
    const count = acknowledged.get(stream)!;
    expect(count).toBeGreaterThan(10);
    expect(await revisionsOf(stream)).toEqual(Array.from({ length: count }, (_, n) => BigInt(n)));
  }
});

test("a subscription whose connection is lost ends with EventStoreUnavailable", async () => {
  await store.append("shelf-1", "no_stream", [newEvent()]);
  const signal = new AbortController().signal;
  const heard: string[] = [];
  const listening = (async () => {
    for await (const { kind } of store.subscribe({ categories: ["shelf"], after: undefined, signal })) {
      heard.push(kind);
      if (kind === "caughtUp") await server.kill();
    }
  })();
  await expect(listening).rejects.toThrow(EventStoreUnavailable);
  expect(heard).toContain("event");
});

test("closing the store ends its subscriptions and does not disturb another", async () => {
  const other = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
  const ended = (async () => {
    const signal = new AbortController().signal;
    for await (const { kind } of other.subscribe({ categories: ["shelf"], after: undefined, signal })) {
      if (kind === "caughtUp") void other.close();
    }
  })();
  await expect(ended).rejects.toThrow(EventStoreUnavailable);
  await expect(store.ping()).resolves.toBeUndefined();
});
