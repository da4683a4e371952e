import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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

const subscribed = (to: EventStore) => {
  const { signal } = new AbortController();
  return to.subscribe({ categories: ["shelf"], after: undefined, signal })[Symbol.asyncIterator]();
};

describe("at a node that is not the leader", () => {
  beforeEach(elected);

  test("a read continues at the leader that it names, as do all later calls", async () => {
    expect(await store.readLogEnd()).toBeUndefined();
    expect(await store.append(stream, "no_stream", [newEvent()])).toMatchObject({ revision: 0n });
    for await (const { revision } of store.readStream(stream)) expect(revision).toBe(0n);
    expect(node.seen).toEqual([{ call: "Read", requiresLeader: true }]);
  });

  test("a subscription is opened again at the leader", async () => {
    const subscription = subscribed(store);
    expect((await subscription.next()).value).toMatchObject({ kind: expect.stringMatching(/checkpoint|caughtUp/) });
    await store.append(stream, "no_stream", [newEvent()]);
    let next = await subscription.next();
    while (next.value?.kind !== "event") next = await subscription.next();
    expect(node.seen).toEqual([{ call: "Read", requiresLeader: true }]);
  });

  test("an append is sent again to the leader", async () => {
    expect(await store.append(stream, "no_stream", [newEvent()])).toMatchObject({ revision: 0n });
    expect(node.seen).toEqual([{ call: "BatchAppend", requiresLeader: true }]);
  });

  test("an append at any revision is sent again only if no other is unanswered: it must not be written twice", async () => {
    expect(await store.append(stream, "any", [newEvent()])).toMatchObject({ revision: 0n });
    node.state.together = 2;
    const other = connectEventStore({ url: node.url, logger: createLogger("test", "silent") });
    const settled = await Promise.allSettled([
      other.append(`shelf-${randomUUID()}`, "no_stream", [newEvent()]),
      other.append(stream, "any", [newEvent()]),
    ]);
    expect(settled).toMatchObject([{ value: { revision: 0n } }, { reason: expect.any(OutcomeUnknown) }]);
    await other.close();
  });

  test("a tombstone is sent again to the leader", async () => {
    await store.tombstone(stream, "no_stream");
    expect(node.seen).toEqual([{ call: "Tombstone", requiresLeader: true }]);
  });

  test("an append is sent again to the leader where there is no BatchAppend, too", async () => {
    const old = await startClusterNode({ batchAppend: false });
    old.state.leader = node.state.leader;
    const other = connectEventStore({ url: old.url, logger: createLogger("test", "silent") });
    expect(await other.append(stream, "no_stream", [newEvent()])).toMatchObject({ revision: 0n });
    expect(old.seen).toEqual([{ call: "Append", requiresLeader: true }]);
    await other.close();
    old.stop();
  });
});

test("a node that refuses for ever is asked a few times, and each call fails in its time", async () => {
  node.state.leader = node.address;
  const calls = [
    store.append(stream, "no_stream", [newEvent()]),
    store.tombstone(stream, "no_stream"),
    store.readLogEnd(),
    subscribed(store).next(),
  ];
  const errors = (await Promise.allSettled(calls)).map((outcome) => "reason" in outcome && outcome.reason);
  const [unknown, unavailable] = [expect.any(OutcomeUnknown), expect.any(EventStoreUnavailable)];
  expect(errors).toEqual([unknown, unknown, unavailable, unavailable]);
  expect(node.seen.length).toBeLessThan(250);
});

test("calls that a node has kept when it lost the leadership end once the leader has answered", async () => {
  expect(await store.append(stream, "no_stream", [newEvent()])).toMatchObject({ position: 100n });
  const subscription = subscribed(store);
  expect((await subscription.next()).value).toEqual({ kind: "caughtUp" });
  elected();
  await store.ping();
  const other = `shelf-${randomUUID()}`;
  expect((await store.append(other, "no_stream", [newEvent()])).position).not.toBe(100n);
  await expect(subscription.next()).rejects.toThrow("connected to another node");
});

test("a subscription that a node has kept ends once the leader has acknowledged an append", async () => {
  const subscription = subscribed(store);
  expect((await subscription.next()).value).toEqual({ kind: "caughtUp" });
  const other = await startClusterNode();
  node.state.leader = other.address;
  await store.append(stream, "no_stream", [newEvent()]);
  expect(other.seen).toEqual([{ call: "BatchAppend", requiresLeader: true }]);
  await expect(subscription.next()).rejects.toThrow("connected to another node");
  other.stop();
});

test("a late answer of the leader before ends nothing at the leader", async () => {
  node.state.holds = true;
  const read = store.readLogEnd();
  await vi.waitFor(() => expect(node.seen).toHaveLength(1));
  elected();
  const subscription = subscribed(store);
  expect((await subscription.next()).value).toMatchObject({ kind: expect.stringMatching(/checkpoint|caughtUp/) });
  node.release();
  expect(await read).toBeUndefined();
  const other = connectEventStore({ url: leader.url, logger: createLogger("test", "silent") });
  await other.append(stream, "no_stream", [newEvent()]);
  await other.close();
  let next = await subscription.next();
  while (next.value?.kind !== "event") next = await subscription.next();
  expect(next.value.event.stream).toBe(stream);
});

test("a leader that refuses one read as too busy ends that read alone", async () => {
  const other = await startClusterNode();
  node.state.leader = other.address;
  const subscription = subscribed(store);
  expect((await subscription.next()).value).toEqual({ kind: "caughtUp" });
  other.state.busy = 1;
  await expect(store.ping()).rejects.toThrow("Server Is Too Busy");
  // The client goes back to the node of its connection string, which refuses it.
  await store.ping();
  expect(node.seen).toHaveLength(2);
  other.speak();
  expect((await subscription.next()).value).toEqual({ kind: "caughtUp" });
  other.stop();
});
