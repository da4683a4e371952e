import fc from "fast-check";
import { expect, test } from "vitest";
import { type OrderKey, orderKeysAt, orderKeysBetween } from "../../src/projections/shelf/orderRanks.ts";

/** Below, as Postgres compares (position, rank COLLATE "C"). */
const isBelow = (a: OrderKey, b: OrderKey) =>
  a.order_position < b.order_position ||
  (a.order_position === b.order_position && Buffer.compare(Buffer.from(a.order_rank), Buffer.from(b.order_rank)) < 0);
const ascending = (keys: readonly OrderKey[]) => keys.slice(1).every((key, index) => isBelow(keys[index]!, key));

test("however often keys are put between others, the order holds and each has a key of its own", () => {
  const turn = fc.record({ at: fc.nat(), count: fc.integer({ min: 1, max: 40 }), own: fc.integer({ min: 0, max: 4 }) });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 100 }), (turns) => {
      let keys: OrderKey[] = [];
      for (const [position, { at, count, own }] of turns.entries()) {
        const gap = at % (keys.length + 1);
        const isOwn = own === 0 || keys.length === 0;
        const made = isOwn ? orderKeysAt(BigInt(position), count) : orderKeysBetween(keys[gap - 1], keys[gap], count);
        expect(made).toHaveLength(count);
        keys = isOwn ? [...keys, ...made] : [...keys.slice(0, gap), ...made, ...keys.slice(gap)];
      }
      expect(ascending(keys)).toBe(true);
      expect(keys.every(({ order_rank }) => /[1-9A-Za-z]$/.test(order_rank))).toBe(true);
    }),
  );
});

test.each(["low", "high"])(
  "200 orders of 100 rows into the narrowest gap, the %s one, keep a rank below 2,000 characters",
  (side) => {
    let [low, high] = orderKeysAt(1n, 2) as [OrderKey, OrderKey];
    for (let turn = 0; turn < 200; turn++) {
      const made = orderKeysBetween(low, high, 100);
      const middle = made[side === "low" ? 0 : made.length - 1]!;
      expect([isBelow(low, middle), isBelow(middle, high)]).toEqual([true, true]);
      if (side === "low") high = middle;
      else low = middle;
    }
    expect(Math.max(low.order_rank.length, high.order_rank.length)).toBeLessThan(2_000);
  },
);

test("there is nothing between keys that are in the wrong order, or between none", () => {
  const [low, high] = orderKeysAt(1n, 2) as [OrderKey, OrderKey];
  expect(orderKeysBetween(high, low, 1)).toEqual([]);
  expect(orderKeysBetween(low, low, 1)).toEqual([]);
  expect(orderKeysBetween(undefined, undefined, 1)).toEqual([]);
});
