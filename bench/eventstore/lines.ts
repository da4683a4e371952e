import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent, START, streamNameFilter } from "@eventstore/db-client";
import { percentiles } from "../load/percentiles.ts";

/** A measured line: events or appends a second, or milliseconds if `unit` is so. */
export type Line = { name: string; value: number; unit: "/s" | "ms"; p50?: number; p99?: number };

const text = "x".repeat(120);
const event = (n: number) => jsonEvent({ type: "BookAddedToShelf", data: { bookId: text, n } });
const events = (count: number) => Array.from({ length: count }, (_, n) => event(n));

/** Runs `writers` loops of `once` for that time; returns the rate per second and each duration. */
async function loops(writers: number, lengthMs: number, once: (writer: number) => Promise<unknown>) {
  const took: number[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      while (performance.now() - began < lengthMs) {
        const start = performance.now();
        await once(writer);
        took.push(performance.now() - start);
      }
    }),
  );
  const [p50 = 0, p99 = 0] = percentiles(took, 50, 99);
  return { perSecond: (took.length / (performance.now() - began)) * 1000, p50, p99 };
}

/** Appends of `size` events, each writer to its own stream, one after another. */
export async function appends(
  client: EventStoreDBClient,
  writers: number,
  size: number,
  lengthMs: number,
): Promise<Line> {
  const streams = Array.from({ length: writers }, () => `bench-${randomUUID()}`);
  const { perSecond, p50, p99 } = await loops(writers, lengthMs, (writer) =>
    client.appendToStream(streams[writer] as string, size === 1 ? event(0) : events(size)),
  );
  const name = `append of ${size} by ${writers} writer${writers > 1 ? "s" : ""}${size > 1 ? ", events" : ""}`;
  return { name, value: perSecond * size, unit: "/s", p50, p99 };
}

export async function readStream(client: EventStoreDBClient, stream: string, count: number): Promise<Line> {
  const began = performance.now();
  let read = 0;
  for await (const { event: found } of client.readStream(stream, { maxCount: count })) if (found) read++;
  return { name: "read of a stream, events", value: (read / (performance.now() - began)) * 1000, unit: "/s" };
}

async function readAll(client: EventStoreDBClient, from: bigint, count: number): Promise<Line> {
  const began = performance.now();
  let read = 0;
  const fromPosition = { commit: from, prepare: from };
  for await (const { event: found } of client.readAll({ fromPosition, maxCount: count })) if (found) read++;
  return { name: "read of $all, events", value: (read / (performance.now() - began)) * 1000, unit: "/s" };
}

/** From there on all events pass the filter. */
async function filtered(client: EventStoreDBClient, prefix: string, from: bigint, count: number): Promise<Line> {
  const subscription = client.subscribeToAll({
    fromPosition: { commit: from, prepare: from },
    filter: streamNameFilter({ prefixes: [prefix], maxSearchWindow: 1000, checkpointInterval: 10 }),
  });
  const began = performance.now();
  let read = 0;
  for await (const { event: found } of subscription) if (found && ++read === count) break;
  const value = (read / (performance.now() - began)) * 1000;
  await subscription.unsubscribe();
  return { name: "filtered subscription to $all, events", value, unit: "/s" };
}

/** From before the append to the arrival at a live subscriber, at 300 appends a second. */
async function latency(client: EventStoreDBClient, lengthMs: number): Promise<Line> {
  const stream = `bench-${randomUUID()}`;
  const sent: number[] = [];
  const took: number[] = [];
  const subscription = client.subscribeToStream(stream, { fromRevision: START });
  subscription.on("error", () => {});
  const caughtUp = new Promise((resolve) => subscription.once("caughtUp", resolve));
  subscription.on("data", ({ event: found }) => {
    if (found) took.push(performance.now() - (sent[Number(found.revision)] as number));
  });
  await caughtUp;
  const appending: Promise<unknown>[] = [];
  const began = performance.now();
  while (performance.now() - began < lengthMs) {
    const due = Math.floor(((performance.now() - began) / 1000) * 300);
    while (sent.length < due) {
      sent.push(performance.now());
      appending.push(client.appendToStream(stream, event(sent.length)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(appending);
  while (took.length < sent.length) await new Promise((resolve) => setTimeout(resolve, 5));
  await subscription.unsubscribe();
  const [p50 = 0, p99 = 0] = percentiles(took, 50, 99);
  return { name: "append → live subscriber at 300/s, p50", value: p50, unit: "ms", p50, p99 };
}

/** Measures all lines once. The same run first writes what is read. */
export async function measure(url: string, lengthMs: number, eventCount: number): Promise<Line[]> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    const one = await appends(client, 1, 1, lengthMs);
    const many = await appends(client, 32, 1, lengthMs);
    const hundreds = await appends(client, 4, 100, lengthMs);
    const prefix = `bench-read-${randomUUID().slice(0, 8)}`;
    const { position } = await client.appendToStream(`${prefix}-first`, event(0));
    const from = position?.commit ?? 0n;
    for (let written = 0; written < eventCount; written += 800) {
      const batches = Array.from({ length: 8 }, () => client.appendToStream(prefix, events(100)));
      await Promise.all(batches);
    }
    return [
      one,
      many,
      hundreds,
      await readStream(client, prefix, eventCount),
      await readAll(client, from, eventCount),
      await filtered(client, prefix, from, eventCount),
      await latency(client, lengthMs),
    ];
  } finally {
    await client.dispose();
  }
}
