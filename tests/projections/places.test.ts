import fc from "fast-check";
import { expect, test } from "vitest";
import { type Place, placesAt, placesBetween } from "../../src/projections/shelf/places.ts";

/** Below, as Postgres compares (position, rank COLLATE "C"). */
const isBelow = (a: Place, b: Place) =>
  a.order_position < b.order_position ||
  (a.order_position === b.order_position && Buffer.compare(Buffer.from(a.order_rank), Buffer.from(b.order_rank)) < 0);
const ascending = (places: readonly Place[]) => places.slice(1).every((place, index) => isBelow(places[index]!, place));

test("however often places are put between others, the order holds and each has a place of its own", () => {
  const turn = fc.record({ at: fc.nat(), count: fc.integer({ min: 1, max: 40 }), own: fc.integer({ min: 0, max: 4 }) });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 100 }), (turns) => {
      let places: Place[] = [];
      for (const [position, { at, count, own }] of turns.entries()) {
        const gap = at % (places.length + 1);
        const isOwn = own === 0 || places.length === 0;
        const made = isOwn ? placesAt(BigInt(position), count) : placesBetween(places[gap - 1], places[gap], count);
        expect(made).toHaveLength(count);
        places = isOwn ? [...places, ...made] : [...places.slice(0, gap), ...made, ...places.slice(gap)];
      }
      expect(ascending(places)).toBe(true);
      expect(places.every(({ order_rank }) => /[1-9A-Za-z]$/.test(order_rank))).toBe(true);
    }),
  );
});

test.each(["low", "high"])(
  "200 orders of 100 rows into the narrowest gap, the %s one, keep a rank below 2,000 characters",
  (side) => {
    let [low, high] = placesAt(1n, 2) as [Place, Place];
    for (let turn = 0; turn < 200; turn++) {
      const made = placesBetween(low, high, 100);
      const middle = made[side === "low" ? 0 : made.length - 1]!;
      expect([isBelow(low, middle), isBelow(middle, high)]).toEqual([true, true]);
      if (side === "low") high = middle;
      else low = middle;
    }
    expect(Math.max(low.order_rank.length, high.order_rank.length)).toBeLessThan(2_000);
  },
);

test("there is nothing between places that are in the wrong order, or between none", () => {
  const [low, high] = placesAt(1n, 2) as [Place, Place];
  expect(placesBetween(high, low, 1)).toEqual([]);
  expect(placesBetween(low, low, 1)).toEqual([]);
  expect(placesBetween(undefined, undefined, 1)).toEqual([]);
});
