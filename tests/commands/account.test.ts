import { beforeEach, describe, expect, test } from "vitest";
import { registerReader } from "../../src/commands/account/registerReader.ts";
import { newContext, newProcess, reader as readerId } from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

let store: InMemoryEventStore;
beforeEach(() => {
  store = inMemoryEventStore();
});

const register = (handleCommand = newProcess(store)) =>
  registerReader({ handleCommand }, { readerId, via: "wechat" }, newContext());

describe("registerReader", () => {
  test("writes ReaderRegistered as the first event", async () => {
    expect(await register()).toMatchObject({ revision: 0n, events: ["ReaderRegistered"] });
    expect(store.log).toMatchObject([
      { type: "ReaderRegistered", stream: `account-${readerId}`, data: { via: "wechat" } },
    ]);
    expect(store.appends).toMatchObject([{ expected: "no_stream" }]);
  });

  test("ignores a reader who is registered", async () => {
    await register();
    expect(await register()).toMatchObject({ revision: 0n, events: [] });
    expect(store.log).toHaveLength(1);
  });

  test("registers once when two processes do it at the same time", async () => {
    store.latencyMs = 3;
    const results = await Promise.all([register(), register(), register()]);
    expect(results.flatMap(({ events }) => events)).toEqual(["ReaderRegistered"]);
    expect(store.log).toHaveLength(1);
  });
});
