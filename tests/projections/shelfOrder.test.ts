import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { shelfDecider } from "../../src/domain/shelf/decider.ts";
import { manualOrder } from "../../src/domain/shelf/shelf.ts";
import { streamName } from "../../src/domain/streams.ts";
import type { RecordedEvent } from "../../src/event-store/types.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { library } from "../../src/projections/library/library.ts";
import { places } from "../../src/projections/reading/places.ts";
import { rounds } from "../../src/projections/reading/rounds.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { booksOnShelf, type ShelfCursor, type ShelfSort } from "../../src/queries/shelf/booksOnShelf.ts";
import { groupsOfShelf } from "../../src/queries/shelf/groupsOfShelf.ts";
import { anyShelfCommand } from "../domain/shelfCommands.ts";
import { batchOf, codec, recorded } from "./fixtures.ts";
import { freshStore, type Store } from "./store.ts";

let store: Store;
let build: Build;
beforeAll(async () => {
  store = await freshStore();
  build = await store.build(shelf);
  await store.build(library);
  await store.build(places);
  await store.build(rounds);
});
afterAll(() => store.close());

async function walk(readerId: string, sort: ShelfSort, group: string | null = null): Promise<readonly string[]> {
  const seen: string[] = [];
  let after: ShelfCursor | null = null;
  do {
    const question = { readerId, sort, group, text: null, limit: 2, after };
    const page: Awaited<ReturnType<typeof booksOnShelf>> = await booksOnShelf(store.pool, question);
    seen.push(...page.shown);
    after = page.next === null ? null : JSON.parse(page.next);
  } while (after !== null);
  return seen;
}

test("shows the shelf that the commands were decided on, whatever they were and however its events were cut up", async () => {
  let log = 0n;
  let reader = 0;
  let books = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyShelfCommand, { minLength: 10, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (commands, batchSize) => {
        const readerId = `reader-${reader++}`;
        const stream = streamName("shelf", readerId);
        let decided = shelfDecider.initialState;
        const events: RecordedEvent[] = [];
        const added: string[] = [];
        for (const command of commands) {
          const decision = shelfDecider.decide(command, decided);
          if (isRefusal(decision)) continue;
          for (const event of decision) {
            decided = shelfDecider.evolve(decided, event);
            events.push(recorded(log++, stream, event));
            if (event.type === "BookAddedToShelf") added.unshift(event.data.bookId);
          }
        }
        for (let first = 0; first < events.length; first += batchSize) {
          const batch = events.slice(first, first + batchSize);
          await applyBatch(store.store, codec, build, batchOf(build, 0, batch[0]!.position - 1n, batch));
        }

        const pinnedFirst = (order: readonly string[]) => [
          ...order.filter((bookId) => decided.pinned.has(bookId)),
          ...order.filter((bookId) => !decided.pinned.has(bookId)),
        ];
        const order = manualOrder(decided);
        expect(await walk(readerId, "manual")).toEqual(pinnedFirst(order));
        const lastAdded = [...new Set(added)].filter((bookId) => decided.books.has(bookId));
        expect(await walk(readerId, "added")).toEqual(pinnedFirst(lastAdded));
        // No title is known: by book id.
        expect(await walk(readerId, "title")).toEqual(pinnedFirst([...order].sort()));

        const inGroup = (group: string | null) => order.filter((id) => (decided.groupOf.get(id) ?? null) === group);
        expect(await walk(readerId, "manual", "none")).toEqual(pinnedFirst(inGroup(null)));
        const groups = [...decided.groups].map(([id, name]) => ({ id, name, books: inGroup(id).length }));
        expect(JSON.parse(`[${(await groupsOfShelf(store.pool, readerId)).items}]`)).toEqual(groups);
        for (const { id } of groups) expect(await walk(readerId, "manual", id)).toEqual(pinnedFirst(inGroup(id)));
        books += order.length;
      },
    ),
    { numRuns: 60 },
  );
  // A run that adds nothing to shelves would prove nothing.
  expect(books).toBeGreaterThan(20);
});
