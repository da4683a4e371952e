import { expect, test } from "vitest";
import type { SubscriptionMessage } from "../../../src/event-store/types.ts";
import { shareSubscriptions } from "../../../src/projections/engine/dispatch/sharedSubscription.ts";
import { added } from "../fixtures.ts";
import { eventually } from "../store.ts";
import { scriptedLog } from "./scripted.ts";

/** A subscriber that takes what comes, as long as it is let, and what it has taken. */
function follow(subscribe: ReturnType<typeof shareSubscriptions>, after?: bigint) {
  const stop = new AbortController();
  const positions: bigint[] = [];
  const events = new Set<object>();
  let hold: Promise<void> | undefined;
  let release = () => {};
  const note = (message: SubscriptionMessage) => {
    if (message.kind !== "event") return;
    positions.push(message.event.position);
    events.add(message.event);
  };
  const taking = (async () => {
    for await (const message of subscribe({ categories: ["shelf"], after, signal: stop.signal })) {
      note(message);
      await hold;
    }
  })();
  return {
    positions,
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
  const subscribe = shareSubscriptions(log.eventStore, () => clock);
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
  expect(log.openings).toHaveLength(4);
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
  expect(log.openings).toHaveLength(3);
  slow.release();
  await eventually(() => slow.positions.length, written());
  expect(slow.positions).toEqual(range(0, written()));
  // It had to open one of its own, and shares again.
  expect(log.openings).toHaveLength(4);
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
