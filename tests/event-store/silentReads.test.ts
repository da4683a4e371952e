import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStoreUnavailable } from "../../src/event-store/errors.ts";
import { readAll } from "../../src/event-store/readAll.ts";
import type { CallListener, Connection, RawCall } from "../../src/event-store/wire/connection.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that answers nothing until it is told to send a message or to end its calls. */
function silentServer() {
  const listeners: CallListener[] = [];
  const seen = { cancelled: 0 };
  const call = {
    sendMessageWithContext() {},
    halfClose() {},
    startRead() {},
    cancelWithStatus() {
      seen.cancelled++;
    },
  };
  const connection: Connection = {
    open: async (_path, listener) => {
      listeners.push(listener);
      return call as unknown as RawCall;
    },
    hasBatchAppend: async () => true,
    close: async () => {},
  };
  const end = (error?: Error) => {
    for (const listener of listeners) listener.ended(error);
  };
  const send = (message: Buffer) => {
    for (const listener of listeners) listener.message(message);
  };
  return { connection, end, send, seen };
}

/** A ReadResp with an event that has no field. */
const anEvent = Buffer.from([0x0a, 2, 0x0a, 0]);

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
