import fc from "fast-check";
import { isRefusal } from "../../src/domain/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { Shelf } from "../../src/domain/shelf/shelf.ts";

/** The shelf after a command; a refused one leaves it as it is. */
export function obey(shelf: Shelf, command: ShelfCommand): Shelf {
  const decision = shelfDecider.decide(command, shelf);
  return isRefusal(decision) ? shelf : decision.reduce(shelfDecider.evolve, shelf);
}

export const given = (...commands: ShelfCommand[]): Shelf => commands.reduce(obey, shelfDecider.initialState);

export const someBooks = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd", "eeeeeeeeeeee"];
export const someCapacity = 4;

const bookId = fc.constantFrom(...someBooks);
const bookIds = fc.array(bookId, { maxLength: 8 });
const group = fc.constantFrom("night", "old", "train");
const groupOrNull = fc.option(group, { freq: 3 });

/** Two days apart at most: some removals are too old to be undone. */
const time = fc.constantFrom("2026-03-01T12:00:00.000Z", "2026-03-02T00:00:00.000Z", "2026-03-03T12:00:00.000Z");

/** Any command on a shelf of few books and groups, so that commands collide. There are fewer names than groups: some are in use. */
export const anyShelfCommand: fc.Arbitrary<ShelfCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("AddBookToShelf" as const),
      bookId,
      capacity: fc.constant(someCapacity),
      group: fc.option(groupOrNull, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("RemoveBooksFromShelf" as const), bookIds }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("RemoveBooksFromShelf" as const),
      bookIds,
      removal: fc.record({ id: fc.uuid({ version: 7 }), at: time }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("UndoRemoval" as const), at: time, capacity: fc.constant(someCapacity) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("PinBook" as const, "UnpinBook" as const), bookId }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("MoveBookToGroup" as const), bookId, group: groupOrNull }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("ReorderBooks" as const), bookIds }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("NameGroup" as const), group, name: fc.constantFrom("夜读", "古典") }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("DeleteGroup" as const), group }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("ReorderGroups" as const), groups: fc.array(group, { maxLength: 4 }) }),
  },
);
