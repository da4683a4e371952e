import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shelfDecider } from "../../src/domain/shelf/decider.ts";
import { type ShelfEvent, shelfEvents } from "../../src/domain/shelf/events.ts";
import { isFullOrder, movesBeforeFullOrder, movesTo } from "../../src/domain/shelf/moves.ts";
import { listed, moved, orderOf } from "../../src/domain/shelf/order.ts";
import { arranged, manualOrder, type Shelf } from "../../src/domain/shelf/shelf.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";
import { obey } from "./shelfCommands.ts";

const id = (number: number) => String(number).padStart(12, "0");
const shelfOf = (ids: readonly string[]): Shelf =>
  shelfDecider.fold!(
    shelfDecider.initialState,
    ids.toReversed().map((bookId): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId } })),
  );
const eventsOf = (shelf: Shelf, bookIds: readonly string[]) =>
  shelfDecider.decide({ type: "ReorderBooks", bookIds }, shelf) as readonly ShelfEvent[];
const bytesOf = (event: ShelfEvent | undefined) => JSON.stringify(event?.data ?? {}).length;
const taken = (list: string[], from: number, count: number, to: number) => {
  const run = list.splice(from, count);
  list.splice(to, 0, ...run);
  return list;
};

/** Some books, and the order after a few runs were moved. */
const dragged = fc
  .record({
    books: fc.integer({ min: 1, max: 2_000 }),
    drags: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 5 }), fc.nat()), { maxLength: 6 }),
  })
  .map(({ books, drags }) => {
    const before = Array.from({ length: books }, (_, number) => id(number));
    const after = drags.reduce((list, [from, count, to]) => taken(list, from % books, count, to % books), [...before]);
    return { before, after };
  });
const shuffled = fc.integer({ min: 2, max: 2_000 }).chain((books) => {
  const before = Array.from({ length: books }, (_, number) => id(number));
  return fc.shuffledSubarray(before).map((wanted) => ({ before, after: arranged(before, wanted) }));
});

describe("a new order of 1 to 2,000 books", () => {
  test.each([
    ["dragged", dragged],
    ["shuffled", shuffled],
  ])("%s: the event, read from the store, makes the order that was asked for", (_, anyOrder) => {
    const codec = createCodec();
    fc.assert(
      fc.property(anyOrder, ({ before, after }) => {
        const shelf = shelfOf(before);
        const events = eventsOf(shelf, after);
        const read = events.map((event) => {
          const { data } = codec.decode(recorded(JSON.parse(JSON.stringify(event)), { stream: "shelf-reader" }));
          return { type: event.type, data } as ShelfEvent;
        });
        expect(manualOrder(shelfDecider.fold!(shelf, read))).toEqual(after);
        expect(manualOrder(read.reduce(shelfDecider.evolve, shelf))).toEqual(after);
        expect(manualOrder(shelf)).toEqual(before);
        const full = JSON.stringify({ moves: [{ ids: after, after: null, before: null }] }).length;
        expect(bytesOf(events[0])).toBeLessThanOrEqual(full);
      }),
      { numRuns: 15 },
    );
  });

  test("names one book when one was dragged, wherever from and to", () => {
    const before = Array.from({ length: 2_000 }, (_, number) => id(number));
    fc.assert(
      fc.property(fc.nat(1_999), fc.nat(1_999), (from, to) => {
        const [event] = eventsOf(shelfOf(before), taken([...before], from, 1, to));
        expect(bytesOf(event)).toBeLessThan(130);
      }),
      { numRuns: 10 },
    );
  });
});

test("the fewest items move: as many as lie outside a longest increasing subsequence", () => {
  const small = fc.shuffledSubarray(
    ["a", "b", "c", "d", "e", "f", "g"].map((one) => one.repeat(100)),
    { minLength: 7 },
  );
  fc.assert(
    fc.property(small, (to) => {
      const from = [...to].sort();
      const named = movesTo(from, to).reduce((sum, { ids }) => sum + ids.length, 0);
      const longest = to.reduce<number[]>((best, item, at) => {
        const before = best.filter((_, index) => (to[index] as string) < item);
        best[at] = 1 + Math.max(0, ...before);
        return best;
      }, []);
      // Listing what comes first may be shorter than naming neighbours; then more is named than moved.
      const prefix = to.findLastIndex((item, place) => item !== from[place]) + 1;
      expect([7 - Math.max(...longest), prefix]).toContain(named);
    }),
  );
});

test("of both ways to tell an order the shorter one is taken", () => {
  const from = Array.from({ length: 12 }, (_, number) => id(number));
  fc.assert(
    fc.property(fc.shuffledSubarray(from, { minLength: 12 }), (to) => {
      const last = to.findLastIndex((item, place) => item !== from[place]);
      fc.pre(last >= 0);
      const first = [{ ids: to.slice(0, last + 1), after: null, before: to[last + 1] ?? null }];
      expect(JSON.stringify(movesTo(from, to)).length).toBeLessThanOrEqual(JSON.stringify(first).length);
    }),
  );
});

test(`after ${movesBeforeFullOrder} orders between neighbours one lists all, and then they are counted anew`, () => {
  let shelf = shelfOf(Array.from({ length: 30 }, (_, number) => id(number)));
  const full: number[] = [];
  for (let turn = 0; turn < 2 * movesBeforeFullOrder + 2; turn++) {
    const wanted = taken([...manualOrder(shelf)], 29, 1, 15);
    const [event] = eventsOf(shelf, wanted);
    if (event?.type === "ShelfBooksReordered" && isFullOrder(event.data.moves, 30)) full.push(turn);
    shelf = obey(shelf, { type: "ReorderBooks", bookIds: wanted });
    expect(manualOrder(shelf)).toEqual(wanted);
  }
  expect(full).toEqual([movesBeforeFullOrder, 2 * movesBeforeFullOrder + 1]);
});

test("an order that was changed thousands of times is that of a list changed at once each time", () => {
  const ids = Array.from({ length: 50 }, (_, number) => id(number));
  fc.assert(
    fc.property(fc.array(fc.shuffledSubarray(ids, { minLength: 50 }), { maxLength: 5 }), fc.nat(), (orders, seed) => {
      let list: readonly string[] = ids;
      let order = orderOf(ids);
      for (let turn = 0; turn < 1_500; turn++) {
        const one = (turn * 7 + seed) % 50;
        const to = orders[turn % 500] ?? taken([...list], one, 1 + (turn % 3), (turn * 11) % 47);
        const moves = movesTo(list, to);
        if (moves.length > 0) order = moved(order, moves);
        list = to;
      }
      expect(listed(order)).toEqual(list);
    }),
    { numRuns: 5 },
  );
});

describe("events of version 1, as releases until 0.1.0 wrote them", () => {
  const { ShelfBooksReordered, ShelfGroupsReordered } = shelfEvents;

  test("of ShelfBooksReordered listed what comes first", () => {
    const old = { bookIds: [id(3), id(1)] };
    const data = ShelfBooksReordered.schema.parse(ShelfBooksReordered.upcasters[1](old));
    expect(data).toEqual({ moves: [{ ids: [id(3), id(1)], after: null, before: null }] });
    const shelf = shelfDecider.evolve(shelfOf([id(1), id(2), id(3)]), { type: "ShelfBooksReordered", data });
    expect(manualOrder(shelf)).toEqual([id(3), id(1), id(2)]);
  });

  test("of ShelfGroupsReordered listed all groups", () => {
    const old = { groups: ["old", "night"] };
    expect(ShelfGroupsReordered.schema.parse(ShelfGroupsReordered.upcasters[1](old))).toEqual({
      moves: [{ ids: ["old", "night"], after: null, before: null }],
    });
  });
});
