import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStoreUnavailable } from "../../src/event-store/errors.ts";
import { readAll } from "../../src/event-store/readAll.ts";
import { subscribe } from "../../src/event-store/subscribe.ts";
import type { Connection } from "../../src/event-store/wire/connection.ts";
import { anEvent, notLeader, silentServer } from "./silentServer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function collected(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test("a filtered read waits as long as the server looks through the log", async () => {
  const { connection, end } = silentServer();
  const reading = collected(readAll(connection, { categories: ["account"] }));
  await vi.advanceTimersByTimeAsync(600_000);
  end();
  expect(await reading).toEqual([]);
});

test("a filtered read ends with the connection", async () => {
  const { connection, end } = silentServer();
  const reading = collected(readAll(connection, { categories: ["account"] }));
  reading.catch(() => {});
  await vi.advanceTimersByTimeAsync(600_000);
  end(Object.assign(new Error("14 UNAVAILABLE: the connection was dropped"), { code: 14, details: "dropped" }));
  await expect(reading).rejects.toThrow(EventStoreUnavailable);
});

test("any other read, and one that gets no connection, is given up after five seconds", async () => {
  const { connection } = silentServer();
  const unconnected: Connection = { ...connection, open: () => new Promise(() => {}) };
  for (const reading of [readAll(connection), readAll(unconnected, { categories: ["account"] })]) {
    const found = collected(reading);
    found.catch(() => {});
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(found).rejects.toThrow("no answer to a read in 5000 ms");
  }
});

test("a read of a count ends with its last event, although the server looks on; only a filtered one is cancelled", async () => {
  for (const [categories, cancelled] of [
    [[], 0],
    [["account"], 1],
  ] as const) {
    const { connection, send, seen } = silentServer();
    const reading = collected(readAll(connection, { maxCount: 2, categories }));
    await vi.advanceTimersByTimeAsync(0);
    send(anEvent);
    send(anEvent);
    expect(await reading).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.cancelled).toBe(cancelled);
  }
});

test("a read that the leader has not answered is opened again when a node refuses it; one that has delivered events is not", async () => {
  const { connection, send, end, seen } = silentServer();
  const reading = collected(readAll(connection));
  await vi.advanceTimersByTimeAsync(0);
  end(notLeader());
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.opened).toBe(2);
  send(anEvent);
  end(notLeader());
  await expect(reading).rejects.toThrow(EventStoreUnavailable);
  expect(seen.opened).toBe(2);
});

test("only an answer to a read shows who is the leader: any node confirms a subscription", async () => {
  const { connection, send, seen } = silentServer();
  const { signal } = new AbortController();
  void subscribe(connection, { categories: ["shelf"], after: undefined, signal })
    [Symbol.asyncIterator]()
    .next();
  await vi.advanceTimersByTimeAsync(0);
  send(anEvent);
  expect(seen.led).toBe(0);
  void collected(readAll(connection));
  await vi.advanceTimersByTimeAsync(0);
  send(anEvent);
  expect(seen.led).toBe(1);
});
