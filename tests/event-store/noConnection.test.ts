import { createServer, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { event } from "./events.ts";
import { startGossipNode } from "./gossipNode.ts";

const drained = async (items: AsyncIterable<unknown>) => {
  for await (const _ of items);
};
const { signal } = new AbortController();

const methods: readonly (readonly [string, new () => Error, (store: EventStore) => Promise<unknown>])[] = [
  ["append", OutcomeUnknown, (store) => store.append("shelf-1", "no_stream", [event])],
  ["tombstone", OutcomeUnknown, (store) => store.tombstone("shelf-1", 0n)],
  ["readStream", EventStoreUnavailable, (store) => drained(store.readStream("shelf-1"))],
  ["readAll", EventStoreUnavailable, (store) => drained(store.readAll())],
  ["filtered readAll", EventStoreUnavailable, (store) => drained(store.readAll({ categories: ["shelf"] }))],
  ["readLogAt", EventStoreUnavailable, (store) => store.readLogAt(0n)],
  ["readLogEnd", EventStoreUnavailable, (store) => store.readLogEnd()],
  [
    "subscribe",
    EventStoreUnavailable,
    (store) => drained(store.subscribe({ categories: ["shelf"], after: undefined, signal })),
  ],
  ["startScavenge", EventStoreUnavailable, (store) => store.startScavenge()],
  ["ping", EventStoreUnavailable, (store) => store.ping()],
];

const connect = (hosts: readonly string[], settings = "") =>
  connectEventStore({ url: `esdb://${hosts}?tls=false${settings}`, logger: createLogger("test", "silent") });

/** Rejects unless every method, each of a separate store, rejects with its class of error. */
async function expectOutage(hosts: readonly string[]): Promise<void> {
  const outcomes = methods.map(async ([name, expected, method]) => {
    const store = connect(hosts);
    const thrown = await method(store).catch((error: unknown) => error);
    expect(thrown, `${name}: ${thrown}`).toBeInstanceOf(expected);
    await store.close();
  });
  await Promise.all(outcomes);
}

test("all methods of a store are tested here", async () => {
  const store = connect(["127.0.0.1:1"]);
  const named = new Set(methods.map(([name]) => name.split(" ").at(-1)));
  expect([...named, "close"].sort()).toEqual(Object.keys(store).sort());
  await store.close();
});

test("when the node is away every method rejects with its class of error", () => expectOutage(["127.0.0.1:1"]));

test("when all nodes of a cluster are away every method rejects with its class of error", () =>
  expectOutage(["127.0.0.1:1", "127.0.0.1:3"]));

// The client would look for a node for 100 s.
test("when the nodes of a cluster accept connections and are silent every method rejects in time", async () => {
  const sockets = new Set<Socket>();
  const nodes = Array.from({ length: 2 }, () => createServer((socket) => void sockets.add(socket)));
  const hosts: string[] = [];
  for (const node of nodes) {
    await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
    hosts.push(`127.0.0.1:${(node.address() as { port: number }).port}`);
  }
  await expectOutage(hosts);
  for (const node of nodes) node.close();
  for (const socket of sockets) socket.destroy();
}, 40_000);

test("what was given up while the client looked for a node is not sent; later commands are", async () => {
  const node = await startGossipNode({ silences: 1 });
  // The first node does not answer for longer than a command waits.
  const store = connect(node.hosts, "&gossipTimeout=7");
  const commands = () => [
    store.append("shelf-1", "no_stream", [event]),
    store.tombstone("shelf-2", 0n),
    store.startScavenge(),
  ];
  const rejected = (await Promise.allSettled(commands())).map((outcome) => "reason" in outcome && outcome.reason);
  expect(rejected).toEqual([expect.any(OutcomeUnknown), expect.any(OutcomeUnknown), expect.any(EventStoreUnavailable)]);
  expect(await Promise.all(commands())).toMatchObject([{ position: 100n }, undefined, { result: "started" }]);
  expect(node.sent.sort()).toEqual(["append", "scavenge", "tombstone"]);
  await store.close();
  node.stop();
}, 30_000);

// The client would request them again before its own append, and cache a failure for all later ones.
test("a server without BatchAppend is asked once for its features", async () => {
  const node = await startGossipNode({ featureErrors: [status.UNIMPLEMENTED, status.INTERNAL] });
  const store = connect(node.hosts);
  expect(await store.append("shelf-1", "no_stream", [event])).toMatchObject({ position: 100n });
  await store.close();
  node.stop();
});

// The client does not await its reaction to an error, which is to look for a node.
test("a command that fails while the client looks for a node in vain leaves no rejection unhandled", async () => {
  const node = await startGossipNode();
  const store = connect(node.hosts);
  const runners = process.listeners("unhandledRejection");
  const unhandled: unknown[] = [];
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason) => unhandled.push(reason));
  await store.startScavenge();
  node.state.isLost = true;
  const tombstone = store.tombstone("shelf-2", 0n);
  await expect.poll(() => node.sent).toEqual(["scavenge", "tombstone"]);
  await expect(store.startScavenge()).rejects.toThrow(EventStoreUnavailable);
  const looking = store.startScavenge();
  node.loseTombstones();
  await expect(tombstone).rejects.toThrow(OutcomeUnknown);
  await expect(looking).rejects.toThrow("Failed to discover");
  await new Promise(setImmediate);
  process.removeAllListeners("unhandledRejection");
  for (const runner of runners) process.on("unhandledRejection", runner);
  expect(unhandled).toEqual([]);
  await store.close();
  node.stop();
});
