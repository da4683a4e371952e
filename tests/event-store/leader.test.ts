import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { startClusterNode } from "./clusterNode.ts";
import { newEvent } from "./events.ts";

let leader: Awaited<ReturnType<typeof freshEventStore>>;
let node: Awaited<ReturnType<typeof startClusterNode>>;
let store: EventStore;
beforeEach(async () => {
  leader = await freshEventStore();
  node = await startClusterNode();
  store = connectEventStore({ url: node.url, logger: createLogger("test", "silent") });
});
afterEach(async () => {
  await store.close();
  node.stop();
  await leader.stop();
});

let stream: string;
beforeEach(() => {
  stream = `shelf-${randomUUID()}`;
});

const elected = () => {
  node.state.leader = new URL(leader.url.replace("esdb", "http"));
};

test("a node that is no leader is asked once; what is repeated goes to the leader that it names", async () => {
  elected();
  await expect(store.readLogEnd()).rejects.toThrow(EventStoreUnavailable);
  expect(await store.append(stream, "no_stream", [newEvent()])).toMatchObject({ revision: 0n });
  for await (const { revision } of store.readStream(stream)) expect(revision).toBe(0n);
  expect(node.seen).toEqual([{ call: "Read", requiresLeader: true }]);
});

test("an append that a node without leadership refuses has an unknown outcome, and its repeat goes to the leader", async () => {
  elected();
  const event = newEvent();
  await expect(store.append(stream, "no_stream", [event])).rejects.toThrow(OutcomeUnknown);
  expect(await store.append(stream, "no_stream", [event])).toMatchObject({ revision: 0n });
  expect(node.seen).toEqual([{ call: "BatchAppend", requiresLeader: true }]);
});

test("so does a tombstone", async () => {
  elected();
  await expect(store.tombstone(stream, "no_stream")).rejects.toThrow(OutcomeUnknown);
  await store.tombstone(stream, "no_stream");
  expect(node.seen).toEqual([{ call: "Tombstone", requiresLeader: true }]);
});

test("calls that a node has kept when it lost the leadership end once the client has gone to the leader", async () => {
  expect(await store.append(stream, "no_stream", [newEvent()])).toMatchObject({ position: 100n });
  const { signal } = new AbortController();
  const subscription = store.subscribe({ categories: ["shelf"], after: undefined, signal })[Symbol.asyncIterator]();
  expect((await subscription.next()).value).toEqual({ kind: "caughtUp" });
  elected();
  await expect(store.ping()).rejects.toThrow(EventStoreUnavailable);
  await store.ping();
  const other = `shelf-${randomUUID()}`;
  expect((await store.append(other, "no_stream", [newEvent()])).position).not.toBe(100n);
  await expect(subscription.next()).rejects.toThrow(EventStoreUnavailable);
});
