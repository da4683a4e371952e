import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent, START, streamNameFilter } from "@eventstore/db-client";
import { connectEventStore } from "../../src/event-store/connect.ts";
import type { EventToAppend } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { percentiles } from "../load/percentiles.ts";

/**
 * The operations on an event store that are measured, by the official client or by src/event-store. Each returns the number of
 * events that it read.
 */
type Way = {
  append(stream: string, revision: bigint, events: EventToAppend[]): Promise<bigint>;
  read(stream: string, from: bigint, maxCount: number): Promise<number>;
  subscribe(): Promise<number>;
  close(): Promise<void>;
};

/**
 * Measures the CPU time of this process for one append, one read, one event: by src/event-store and by the official client
 * alternately, medians of `runs`. On a shared machine, CPU time is more reliable than elapsed time.
 */
export async function reportClientCost(url: string, runs: number): Promise<void> {
  const ways = { client: byClient(url), ours: byAdapter(url) };
  const found = new Map<string, Record<keyof typeof ways, number[]>>();
  const long = `bench-${randomUUID()}`;
  for (let n = 0; n < 4_000; n += 100)
    await ways.ours.append(long, BigInt(n - 1), Array.from({ length: 100 }, newEvent));
  for (let run = 0; run < runs; run++) {
    for (const [name, way] of Object.entries(ways) as [keyof typeof ways, Way][]) {
      for await (const [line, micros] of measureOnce(way, long)) {
        const both = found.get(line) ?? { client: [], ours: [] };
        both[name].push(micros);
        found.set(line, both);
      }
    }
  }
  console.log(`CPU time of the calling process in µs, medians of ${runs} runs\n`);
  console.log("| | official client | src/event-store | ratio |\n|---|---|---|---|");
  for (const [line, { client, ours }] of found) {
    const [a = 0] = percentiles(client, 50);
    const [b = 0] = percentiles(ours, 50);
    console.log(`| ${line} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(b / a).toFixed(2)} |`);
  }
  await Promise.all([ways.client.close(), ways.ours.close()]);
}

async function* measureOnce(way: Way, long: string): AsyncGenerator<[string, number]> {
  for (const writers of [1, 32]) {
    const streams = Array.from({ length: writers }, () => ({ name: `bench-${randomUUID()}`, revision: -1n }));
    const calls = writers === 1 ? 200 : 1_600;
    const each = (once: (stream: { name: string; revision: bigint }) => Promise<unknown>) =>
      cpuOf(calls, async () => {
        let left = calls;
        const one = async (stream: { name: string; revision: bigint }) => {
          while (left-- > 0) await once(stream);
        };
        await Promise.all(streams.map(one));
      });
    const append = async (stream: { name: string; revision: bigint }) => {
      stream.revision = await way.append(stream.name, stream.revision, [newEvent()]);
    };
    yield [`append of 1, ${writers} at once`, await each(append)];
    yield [`read of an empty tail, ${writers} at once`, await each((s) => way.read(s.name, s.revision + 1n, 100))];
    yield [`read of 10 events, ${writers} at once`, await each((s) => way.read(s.name, 0n, 10))];
  }
  yield ["read of a long stream, an event", await cpuOf(4_000, () => way.read(long, 0n, 4_000))];
  let events = 1;
  const subscribing = cpuOf(1, async () => {
    events = await way.subscribe();
  });
  yield ["filtered subscription to $all, an event", (await subscribing) / events];
}

/** CPU µs per call. */
async function cpuOf(calls: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function byClient(url: string): Way {
  const client = EventStoreDBClient.connectionString(url);
  const count = async (events: AsyncIterable<{ event?: unknown }>) => {
    let read = 0;
    for await (const { event } of events) if (event) read++;
    return read;
  };
  return {
    async append(stream, revision, events) {
      const messages = events.map(({ id, type, data, metadata }) =>
        jsonEvent({ id, type, data: data as never, metadata }),
      );
      const expectedRevision = revision < 0n ? "no_stream" : revision;
      return (await client.appendToStream(stream, messages, { expectedRevision })).nextExpectedRevision;
    },
    // The client reports a missing stream as an error; here all streams exist.
    read: (stream, fromRevision, maxCount) => count(client.readStream(stream, { fromRevision, maxCount })),
    async subscribe() {
      const filter = streamNameFilter({ prefixes: ["bench-"], maxSearchWindow: 500, checkpointReached: () => {} });
      const subscription = client.subscribeToAll({ fromPosition: START, filter });
      let read = 0;
      subscription.on("data", () => read++);
      await new Promise((resolve) => subscription.once("caughtUp", resolve));
      await subscription.unsubscribe();
      return read;
    },
    close: () => client.dispose(),
  };
}

function byAdapter(url: string): Way {
  const store = connectEventStore({ url, logger: createLogger("bench", "silent") });
  return {
    async append(stream, revision, events) {
      return (await store.append(stream, revision < 0n ? "no_stream" : revision, events)).revision;
    },
    async read(stream, fromRevision, maxCount) {
      let read = 0;
      for await (const _event of store.readStream(stream, { fromRevision, maxCount })) read++;
      return read;
    },
    async subscribe() {
      let read = 0;
      const { signal } = new AbortController();
      const categories = ["bench"] as unknown as Parameters<typeof store.subscribe>[0]["categories"];
      for await (const { kind } of store.subscribe({ categories, after: undefined, signal })) {
        if (kind === "event") read++;
        if (kind === "caughtUp") break;
      }
      return read;
    },
    close: () => store.close(),
  };
}

function newEvent(): EventToAppend {
  const commandId = randomUUID();
  const own = { commandId, commandHash: "h".repeat(44), correlationId: randomUUID(), causationId: commandId };
  const metadata = { ...own, schemaVersion: 1, occurredAt: new Date().toISOString() };
  return { id: randomUUID(), type: "BookAddedToShelf", data: { bookId: "hongloumeng0" }, metadata };
}
