import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { Category } from "../../../src/domain/streams.ts";
import { categoryOf } from "../../../src/domain/streams.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { openFanOut } from "../../../src/projections/engine/dispatch/fanOut.ts";
import type { DispatchMessage } from "../../../src/projections/engine/dispatch/messages.ts";
import { shareSubscriptions } from "../../../src/projections/engine/dispatch/sharedSubscription.ts";
import { eventually } from "../../support/waiting.ts";
import { added, recorded } from "../fixtures.ts";
import { scriptedLog } from "./scripted.ts";

/** A subscriber that reads messages while allowed, and the messages it has read. */
function follow(
  subscribe: ReturnType<typeof shareSubscriptions>,
  after?: bigint,
  categories: readonly Category[] = ["shelf"],
) {
  const stop = new AbortController();
  const positions: bigint[] = [];
  const events = new Set<object>();
  let hold: Promise<void> | undefined;
  let release = () => {};
  const passed: bigint[] = [];
  const note = (message: DispatchMessage) => {
    if (message.kind === "passed") passed.push(message.upTo.position);
    if (message.kind !== "event") return;
    positions.push(message.event.position);
    events.add(message.event);
  };
  const taking = (async () => {
    for await (const messages of subscribe({ categories, after, signal: stop.signal })) {
      for (const message of messages) {
        note(message);
        await hold;
      }
    }
  })();
  return {
    positions,
    passed,
    events,
    taking,
    hold() {
      hold = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => {
      hold = undefined;
      release();
    },
    async leave() {
      stop.abort();
      release();
      await taking;
    },
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => BigInt(from + index));

function world(events: number) {
  const log = scriptedLog(...range(0, events).map((position) => added(position, "a")));
  let clock = 0;
  const subscribe = shareSubscriptions(log.eventStore, { now: () => clock });
  let next = events;
  return {
    log,
    subscribe,
    later: (ms: number) => {
      clock += ms;
    },
    write: (count: number) => {
      for (; count > 0; count--) log.write(added(BigInt(next++), "a"));
    },
    written: () => next,
  };
}

test("a single subscriber keeps the subscription that it opened", async () => {
  const { log, subscribe, write } = world(3);
  const one = follow(subscribe);
  write(3);
  await eventually(() => one.positions, range(0, 6));
  expect(log.openings).toEqual([undefined]);
  await one.leave();
});

test("subscribers that have caught up share one, from wherever each began: nothing is missing, twice or in another order", async () => {
  const { log, subscribe, write, written } = world(20);
  const starts = [undefined, 4n, 19n];
  const all = starts.map((after) => follow(subscribe, after));
  const seen = () => all.map(({ positions }) => positions);
  const expected = () => starts.map((after) => range(after === undefined ? 0 : Number(after) + 1, written()));
  await eventually(seen, expected());
  for (let round = 0; round < 20; round++) {
    write(3);
    await eventually(seen, expected());
  }
  // One each, the shared one, and another of the first to join, which had to verify that it lacks nothing.
  expect(log.openings).toHaveLength(5);
  expect(log.listening()).toBe(1);
  const [one, other] = all.map(({ events }) => [...events].at(-1));
  expect(one).toBe(other);
  await Promise.all(all.map((one) => one.leave()));
  await eventually(() => log.listening(), 0);
});

test("one that does not keep up holds up nobody, reads what it missed on its own, and comes back", async () => {
  const { log, subscribe, write, written } = world(1);
  const swift = follow(subscribe);
  const slow = follow(subscribe);
  for (let round = 0; round < 3; round++) {
    write(1);
    await eventually(() => [swift.positions.length, slow.positions.length], [written(), written()]);
  }
  expect(log.listening()).toBe(1);
  slow.hold();
  for (let thousand = 0; thousand < 12; thousand++) {
    write(1_000);
    await eventually(() => swift.positions.length, written());
  }
  expect(slow.positions.length).toBeLessThan(10);
  const opened = log.openings.length;
  slow.release();
  await eventually(() => slow.positions.length, written());
  expect(slow.positions).toEqual(range(0, written()));
  // It had to open one of its own, and shares again.
  expect(log.openings.length).toBeGreaterThan(opened);
  write(1);
  await eventually(() => [swift.positions.length, slow.positions.length], [written(), written()]);
  await eventually(() => log.listening(), 1);
  await Promise.all([swift.leave(), slow.leave()]);
});

test("when the shared connection is lost everybody goes on where it was", async () => {
  const { log, subscribe, write, written } = world(2);
  const all = [follow(subscribe), follow(subscribe)];
  const seen = () => all.map(({ positions }) => positions);
  write(1);
  await eventually(seen, [range(0, 3), range(0, 3)]);
  write(1);
  await eventually(seen, [range(0, 4), range(0, 4)]);
  expect(log.listening()).toBe(1);
  log.fail();
  write(2);
  await eventually(seen, [range(0, written()), range(0, written())]);
  await Promise.all(all.map((one) => one.leave()));
});

test("a shared subscription that was silent is closed when a member leaves it, since it may be dead", async () => {
  const { log, subscribe, write, written, later } = world(2);
  const one = follow(subscribe);
  const other = follow(subscribe);
  for (let round = 0; round < 2; round++) {
    write(1);
    await eventually(() => [one.positions.length, other.positions.length], [written(), written()]);
  }
  expect(log.listening()).toBe(1);
  log.silence();
  later(6_000);
  write(1);
  await one.leave();
  await eventually(() => other.positions, range(0, written()));
  await other.leave();
});

test("an error of a subscriber's own subscription is its own", async () => {
  const { log, subscribe } = world(1);
  const one = follow(subscribe);
  await eventually(() => one.positions, range(0, 1));
  log.fail();
  await expect(one.taking).rejects.toThrow("connection lost");
});

/** The log of a store that sends only events of the requested categories. */
function filtered({ eventStore }: ReturnType<typeof scriptedLog>): EventStore {
  const isIn = (categories: readonly Category[], stream: string) => categories.includes(categoryOf(stream) as Category);
  return {
    ...eventStore,
    async *subscribe(asked) {
      for await (const message of eventStore.subscribe(asked))
        if (message.kind !== "event" || isIn(asked.categories, message.event.stream)) yield message;
    },
    async *readAll(asked = {}) {
      for await (const event of eventStore.readAll(asked)) if (isIn(asked.categories ?? [], event.stream)) yield event;
    },
  };
}
const opened = (position: bigint) =>
  recorded(position, "history-a", { type: "BookOpened", data: { bookId: "b", forgotten: null } });

test("subscribers to different categories share one as well, each with its own events: nothing missing, twice or in another order", async () => {
  const log = scriptedLog();
  const wanted: readonly (readonly Category[])[] = [
    ["shelf"],
    ["history"],
    ["shelf", "history"],
    ["featured"],
    ["shelf"],
  ];
  const positions = wanted.map((): bigint[] => []);
  let position = 0n;
  const write = (count: number) => {
    for (; count > 0; count--, position++) {
      const event = Math.random() < 0.5 ? added(position, "a") : opened(position);
      log.write(event);
      for (const [index, categories] of wanted.entries())
        if (categories.includes(categoryOf(event.stream) as Category)) positions[index]?.push(position);
    }
  };
  write(20);
  const subscribe = shareSubscriptions(filtered(log), { shared: ["shelf", "history", "featured"] });
  const all = wanted.map((categories) => follow(subscribe, undefined, categories));
  for (let round = 0; round < 30; round++) {
    write(3);
    await eventually(() => all.map((one) => one.positions), positions);
  }
  await eventually(() => log.listening(), 1);
  const [one, , other] = all.map(({ events }) => events);
  const both = [...(one ?? [])].filter((event) => other?.has(event));
  expect(both.length).toBeGreaterThan(10);
  // The shared one; and each its own, again when called to the shared one, and again if that has advanced meanwhile. Not one per round.
  expect(log.openings.length).toBeLessThanOrEqual(3 * wanted.length + 1);
  await Promise.all(all.map((one) => one.leave()));
});

test("one that wants what nobody shares reads on its own", async () => {
  const log = scriptedLog(added(0n, "a"), opened(1n));
  const subscribe = shareSubscriptions(filtered(log), { shared: ["shelf"] });
  const all = [follow(subscribe), follow(subscribe), follow(subscribe, undefined, ["history"])];
  await eventually(() => all.map(({ positions }) => positions), [[0n], [0n], [1n]]);
  log.write(added(2n, "a"));
  log.write(opened(3n));
  await eventually(
    () => all.map(({ positions }) => positions),
    [
      [0n, 2n],
      [0n, 2n],
      [1n, 3n],
    ],
  );
  await eventually(() => log.listening(), 2);
  await Promise.all(all.map((one) => one.leave()));
});

test("one that hears nothing of its own hears that the shared one lives", async () => {
  const log = scriptedLog();
  let clock = 0;
  const options = { categories: ["shelf", "history"] as const, after: -1n, now: () => clock, see: () => {} };
  const fanOut = openFanOut(filtered(log), options, () => {});
  const [shelf, history] = [fanOut.join(["shelf"]), fanOut.join(["history"])];
  const taken = (buffer: typeof shelf) => buffer?.take().map(({ kind }) => kind) ?? [];
  await eventually(() => [taken(shelf), taken(history)], [["caughtUp"], ["caughtUp"]]);
  clock = 1_000;
  log.write(added(0n, "a"));
  await eventually(() => taken(shelf), ["event"]);
  expect(taken(history)).toEqual(["passed"]);
  clock = 3_000;
  log.write(added(1n, "a"));
  await eventually(() => taken(history), ["checkpoint"]);
  shelf?.leave();
  history?.leave();
});

test("one of whose events none come learns how far the others have come: with the first of them, after 5,000, not while its own come", async () => {
  const log = scriptedLog();
  const options = { categories: ["shelf", "history"] as const, after: -1n, now: () => 0, see: () => {} };
  const history = openFanOut(filtered(log), options, () => {}).join(["history"]);
  const taken: bigint[] = [];
  const take = () => {
    for (const message of history?.take() ?? []) {
      if (message.kind === "passed") taken.push(message.upTo.position);
      if (message.kind === "event") taken.push(message.event.position);
    }
    return taken;
  };
  let position = 0n;
  const shelve = (count: number) => {
    for (; count > 0; count--) log.write(added(position++, "a"));
  };
  shelve(5_000);
  await eventually(take, [0n]);
  shelve(1);
  await eventually(take, [0n, 5_000n]);
  shelve(4_999);
  log.write(opened(position++));
  await eventually(take, [0n, 5_000n, 10_000n]);
  shelve(5_000);
  await eventually(take, [0n, 5_000n, 10_000n, 15_000n]);
  history?.leave();
});

test("what it learned counts: without the shared one it reads on from there", async () => {
  const log = scriptedLog();
  const subscribe = shareSubscriptions(filtered(log), { shared: ["shelf", "history"] });
  const [shelf, history] = [follow(subscribe), follow(subscribe, undefined, ["history"])];
  for (let position = 0n; position < 3n; position++) {
    log.write(added(position, "a"));
    await eventually(() => shelf.positions.length, Number(position) + 1);
  }
  await eventually(() => log.listening(), 1);
  const [learned = -1n] = history.passed;
  const before = log.openings.length;
  log.fail();
  await eventually(() => log.openings.slice(before).includes(learned), true);
  expect(log.openings.slice(before)).not.toContain(undefined);
  log.write(opened(3n));
  await eventually(() => history.positions, [3n]);
  await Promise.all([shelf.leave(), history.leave()]);
});

test("while nothing is written the log says that the shared one lives; one that misses what is there is closed", async () => {
  const log = scriptedLog(added(0n, "a"));
  let clock = 0;
  const ended = vi.fn();
  const options = { categories: ["shelf"] as const, after: 0n, now: () => clock, see: () => {}, probeEveryMs: 5 };
  const buffer = openFanOut(filtered(log), options, ended).join(["shelf"]);
  const heard = () => buffer?.take().map(({ kind }) => kind) ?? [];
  await eventually(heard, ["caughtUp"]);
  clock = 5_000;
  await eventually(heard, ["checkpoint"]);
  clock = 9_000;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard()).toEqual([]);
  log.silence();
  log.write(added(1n, "a"));
  clock = 10_000;
  await eventually(() => ended.mock.calls.length, 1);
  expect(buffer?.closed()).toBe(true);
  expect(heard()).toEqual([]);
});

test("after a fail-over to a node that knows less of the log, what another subscriber received proves nothing", async () => {
  const log = [added(10n, "a"), opened(60n), added(100n, "a"), opened(120n)];
  /** The end of the log on the answering node. */
  let end = 100n;
  let node = 1;
  const eventStore = {
    async *readAll() {},
    async *subscribe({ categories, after = -1n, signal }: Parameters<EventStore["subscribe"]>[0]) {
      const own = node;
      let isLive = false;
      for (let at = after; !signal.aborted; await sleep(2)) {
        if (own !== node) throw new Error("the node is gone");
        const events = log.filter(({ position }) => position > at && position <= end);
        for (const event of events) {
          at = event.position;
          if (categories.includes(categoryOf(event.stream) as Category)) yield { kind: "event", event } as const;
        }
        if (!isLive) yield { kind: "caughtUp" } as const;
        isLive = true;
      }
    },
  };
  const subscribe = shareSubscriptions(eventStore as unknown as EventStore, { shared: ["shelf", "history"] });
  const before = follow(subscribe);
  await eventually(() => before.positions, [10n, 100n]);
  end = 50n;
  node = 2;
  await expect(before.taking).rejects.toThrow("the node is gone");
  const shelf = follow(subscribe, 100n);
  const history = follow(subscribe, 20n, ["history"]);
  await sleep(50);
  end = 200n;
  log.push(added(150n, "a"));
  await eventually(() => [shelf.positions, history.positions], [[150n], [60n, 120n]]);
  await Promise.all([shelf.leave(), history.leave()]);
});

test("a checkpoint of its own subscription tells a subscriber that it lacks nothing", async () => {
  const log = scriptedLog();
  const subscribe = shareSubscriptions(filtered(log), { shared: ["shelf", "history"] });
  const [shelf, history] = [follow(subscribe), follow(subscribe, undefined, ["history"])];
  log.write(added(0n, "a"));
  await eventually(() => shelf.positions, [0n]);
  log.checkpoint(10n);
  await eventually(() => log.listening(), 1);
  log.write(opened(11n));
  await eventually(() => history.positions, [11n]);
  await Promise.all([shelf.leave(), history.leave()]);
});

test("after another log has come, no subscription starts where an event of the one before stood", async () => {
  let log = [added(100n, "a"), added(1_000n, "a"), opened(5_000n)];
  const eventStore = {
    async *readAll() {},
    async *subscribe({ categories, after = -1n, signal }: Parameters<EventStore["subscribe"]>[0]) {
      const own = log;
      const end = own.at(-1)?.position ?? -1n;
      if (after >= 0n && after <= end && !own.some(({ position }) => position === after))
        throw new Error("no event there");
      let isLive = false;
      for (let at = after; !signal.aborted; await sleep(2)) {
        if (own !== log) throw new Error("the server is gone");
        for (const event of own.filter(({ position }) => position > at)) {
          at = event.position;
          if (categories.includes(categoryOf(event.stream) as Category)) yield { kind: "event", event } as const;
        }
        if (!isLive) {
          yield { kind: "checkpoint", position: at } as const;
          yield { kind: "caughtUp" } as const;
        }
        isLive = true;
      }
    },
  };
  const subscribe = shareSubscriptions(eventStore as unknown as EventStore, { shared: ["shelf", "history"] });
  const before = [follow(subscribe), follow(subscribe, undefined, ["history"])];
  await eventually(() => before.map(({ positions }) => positions), [[100n, 1_000n], [5_000n]]);
  log = [opened(90n), added(110n, "a"), added(1_500n, "a")];
  await sleep(50);
  await Promise.all(before.map((one) => one.leave().catch(() => {})));
  const after = [follow(subscribe), follow(subscribe, undefined, ["history"])];
  await eventually(() => after.map(({ positions }) => positions), [[110n, 1_500n], [90n]]);
  log.push(opened(1_600n));
  await eventually(
    () => after.map(({ positions }) => positions),
    [
      [110n, 1_500n],
      [90n, 1_600n],
    ],
  );
  await Promise.all(after.map((one) => one.leave()));
});
