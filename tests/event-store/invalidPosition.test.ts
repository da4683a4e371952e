import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type * as StreamsGrpc from "@eventstore/db-client/generated/streams_grpc_pb.js";
import type * as Streams from "@eventstore/db-client/generated/streams_pb.js";
import { Server, ServerCredentials, type ServerWritableStream, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { EventStoreUnavailable, InvalidPosition } from "../../src/event-store/errors.ts";
import type { EventStore, SubscriptionMessage } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { newEvent } from "./events.ts";

const logger = createLogger("test", "silent");

/** Follows the log until it has caught up, and returns the kinds of the messages. */
async function follow(store: EventStore, after: bigint): Promise<string[]> {
  const kinds: string[] = [];
  const signal = new AbortController().signal;
  const messages: AsyncIterable<SubscriptionMessage> = store.subscribe({ categories: ["shelf"], after, signal });
  for await (const { kind } of messages) {
    kinds.push(kind);
    if (kind === "caughtUp") break;
  }
  return kinds;
}

describe("a position of another log", () => {
  let server: Awaited<ReturnType<typeof freshEventStore>>;
  let store: EventStore;
  let positions: bigint[];
  let ids: string[];
  beforeAll(async () => {
    server = await freshEventStore();
    store = connectEventStore({ url: server.url, logger });
    const stream = `shelf-${randomUUID()}`;
    const events = [newEvent(), newEvent(), newEvent()];
    ids = events.map(({ id }) => id);
    positions = [];
    for (const [index, event] of events.entries()) {
      const expected = index === 0 ? "no_stream" : BigInt(index - 1);
      positions.push((await store.append(stream, expected, [event])).position);
    }
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  test("within the log has no event, however near it lies to one", async () => {
    const [first = 0n, second = 0n] = positions;
    expect(await store.readLogAt(second)).toEqual({ id: ids[1], position: second });
    for (const position of [first + 1n, second - 1n, second + 1n])
      expect(await store.readLogAt(position)).toBeUndefined();
  });

  test("beyond the log has none either", async () => {
    expect(await store.readLogAt((positions.at(-1) ?? 0n) + 1_000_000n)).toBeUndefined();
  });

  test("within the log ends a subscription with InvalidPosition", async () => {
    const [first = 0n, second = 0n] = positions;
    await expect(follow(store, first + 1n)).rejects.toThrow(InvalidPosition);
    await expect(follow(store, second - 1n)).rejects.toThrow(InvalidPosition);
    expect(await follow(store, first)).toContain("event");
  });

  test("beyond the log lets a subscription wait, and a position of this log continues", async () => {
    const last = positions.at(-1) ?? 0n;
    expect(await follow(store, last + 1_000_000n)).not.toContain("event");
    expect(await follow(store, last)).not.toContain("event");
  });
});

describe("a server that answers a read with", () => {
  const answers = [
    ["Unexpected ReadAllResult: InvalidPosition", status.UNKNOWN],
    ["Unexpected FilteredReadAllResult: InvalidPosition", status.UNKNOWN],
    [
      "Unexpected ReadAllResult: InvalidPosition >> Log record at actual pos 116573115 has non-positive length: 0.",
      status.UNKNOWN,
    ],
    ["Trying to read from an invalid position.", status.INVALID_ARGUMENT],
  ] as const;
  test.each(answers)("%s has no event there, and no outage", async (details, code) => {
    const server = await startReadServer({ code, details });
    const store = connectEventStore({ url: server.url, logger });
    expect(await store.readLogAt(42n)).toBeUndefined();
    await expect(follow(store, 42n)).rejects.toThrow(InvalidPosition);
    await store.close();
    server.stop();
  });

  test("another unknown error is out of order", async () => {
    const server = await startReadServer({ code: status.UNKNOWN, details: "Unexpected ReadAllResult: Error" });
    const store = connectEventStore({ url: server.url, logger });
    await expect(store.readLogAt(42n)).rejects.toThrow(EventStoreUnavailable);
    await expect(follow(store, 42n)).rejects.toThrow(EventStoreUnavailable);
    await store.close();
    server.stop();
  });

  test("another refusal is neither", async () => {
    const server = await startReadServer({ code: status.INVALID_ARGUMENT, details: "'x' is not a valid count" });
    const store = connectEventStore({ url: server.url, logger });
    const refused = await store.readLogAt(42n).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "Error", message: expect.stringContaining("refused") });
    await store.close();
    server.stop();
  });
});

/** A server that fails every read: a fault that a test cannot trigger in EventStoreDB. */
async function startReadServer(fault: { code: status; details: string }) {
  const require = createRequire(import.meta.url);
  const { StreamsService } = require("@eventstore/db-client/generated/streams_grpc_pb.js") as typeof StreamsGrpc;
  const server = new Server();
  const read = (call: ServerWritableStream<Streams.ReadReq, Streams.ReadResp>) => void call.emit("error", fault);
  server.addService({ read: StreamsService.read }, { read });
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  return { url: `esdb://127.0.0.1:${port}?tls=false`, stop: () => server.forceShutdown() };
}
