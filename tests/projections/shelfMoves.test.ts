import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { isBetween, movesBeforeFullOrder } from "../../src/domain/shelf/moves.ts";
import { manualOrder } from "../../src/domain/shelf/shelf.ts";
import type { OrderKey } from "../../src/projections/shelf/orderRanks.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { given } from "../support/readModel.ts";

const id = (number: number) => String(number).padStart(12, "0");
const books = Array.from({ length: 30 }, (_, number) => id(number));
const groups = Array.from({ length: 20 }, (_, number) => `group-${number}-${"x".repeat(16)}`);
const setUp: readonly ShelfCommand[] = [
  ...books.map((bookId): ShelfCommand => ({ type: "AddBookToShelf", bookId, capacity: 100 })),
  ...groups.map((group): ShelfCommand => ({ type: "NameGroup", group, name: group.slice(0, 10) })),
];
const drag = fc.tuple(fc.nat(29), fc.integer({ min: 1, max: 4 }), fc.nat(29));
const change = fc.oneof(
  { weight: 6, arbitrary: drag.map((of) => ({ of, kind: "books" as const })) },
  { weight: 3, arbitrary: drag.map((of) => ({ of, kind: "groups" as const })) },
  { weight: 1, arbitrary: drag.map((of) => ({ of, kind: "again" as const })) },
);
const dragged = (list: readonly string[], [from, count, to]: readonly [number, number, number]) => {
  const left = [...list];
  const run = left.splice(from, count);
  left.splice(to, 0, ...run);
  return left;
};
const inOrder = (rows: readonly unknown[], id: string) =>
  [...(rows as (OrderKey & Record<string, string>)[])]
    .sort((a, b) => Number(a.order_position - b.order_position) || (a.order_rank < b.order_rank ? -1 : 1))
    .map((row) => row[id]);

test("what moved stands in the read model where the reader put it, over hundreds of orders", () => {
  let between = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 300, maxLength: 400 }), (changes) => {
      let decided = shelfDecider.initialState;
      const events: ShelfEvent[] = [];
      const obey = (command: ShelfCommand) => {
        const decision = shelfDecider.decide(command, decided);
        if (isRefusal(decision)) throw new Error(decision.detail);
        for (const event of decision) {
          decided = shelfDecider.evolve(decided, event);
          events.push(event);
          if (event.type === "ShelfBooksReordered" && isBetween(event.data.moves, "after")) between++;
        }
      };
      setUp.forEach(obey);
      for (const { of, kind } of changes) {
        if (kind === "books") obey({ type: "ReorderBooks", bookIds: dragged(manualOrder(decided), of) });
        else if (kind === "groups") obey({ type: "ReorderGroups", groups: dragged([...decided.groups.keys()], of) });
        else {
          obey({ type: "RemoveBooksFromShelf", bookIds: [id(of[0])] });
          obey({ type: "AddBookToShelf", bookId: id(of[0]), capacity: 100 });
        }
      }
      const seen = given(shelf, ...events.map((event) => ["shelf-reader", event] as const));
      expect(inOrder(seen.rows("shelf_books"), "book_id").reverse()).toEqual(manualOrder(decided));
      expect(inOrder(seen.rows("shelf_groups"), "group_id")).toEqual([...decided.groups.keys()]);
    }),
    { numRuns: 5 },
  );
  expect(between).toBeGreaterThan(2 * movesBeforeFullOrder);
});
