import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DomainEvent } from "../../src/domain/event.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/build.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { batchOf, codec, recorded } from "./fixtures.ts";
import { freshStore, type Store } from "./store.ts";

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
const other = "01890a5d-ac96-774b-bcce-b302099a8058";
const [dream, west] = ["hongloumeng0", "xiyouji00000"];

let store: Store;
let build: Build;
beforeAll(async () => {
  store = await freshStore();
  build = await store.build(shelf);
});
afterAll(() => store.close());

let log = 0n;
beforeEach(async () => {
  await store.pool.query(`TRUNCATE ${build.schema}.shelf_books; UPDATE ${build.schema}.checkpoints SET position = -1`);
  log = 0n;
});

const add = (bookId: string): DomainEvent => ({ type: "BookAddedToShelf", data: { bookId } });
const remove = (bookId: string): DomainEvent => ({ type: "BookRemovedFromShelf", data: { bookId } });
const at = (position: bigint) => new Date(Date.UTC(2026, 0, 1) + Number(position));

/** Applies the events, all of one reader, as one batch that follows the last. */
async function happens(readerId: string, ...events: DomainEvent[]) {
  const after = log - 1n;
  const batch = events.map((event) => recorded(log++, `shelf-${readerId}`, event));
  await applyBatch(store.pool, codec, build, batchOf(build, 0, after, batch));
}
const shelves = () => store.rows(build, "shelf_books");

test("BookAddedToShelf puts the book on its reader's shelf, with when and where in the log", async () => {
  await happens(reader, add(dream));
  await happens(other, add(dream), add(west));
  expect(await shelves()).toEqual([
    { reader_id: reader, book_id: dream, added_at: at(0n), added_position: 0n },
    { reader_id: other, book_id: dream, added_at: at(1n), added_position: 1n },
    { reader_id: other, book_id: west, added_at: at(2n), added_position: 2n },
  ]);
});

test("BookRemovedFromShelf takes that book of that reader alone", async () => {
  await happens(reader, add(dream), add(west));
  await happens(other, add(dream));
  await happens(reader, remove(dream));
  expect(await shelves()).toEqual([
    { reader_id: reader, book_id: west, added_at: at(1n), added_position: 1n },
    { reader_id: other, book_id: dream, added_at: at(2n), added_position: 2n },
  ]);
});

test("a book that is added and removed in one batch is not there", async () => {
  await happens(reader, add(dream), remove(dream));
  expect(await shelves()).toEqual([]);
});

test("a book that is added again stands where it was added last", async () => {
  await happens(reader, add(dream), add(west));
  await happens(reader, remove(dream), add(dream));
  expect(await shelves()).toEqual([
    { reader_id: reader, book_id: dream, added_at: at(3n), added_position: 3n },
    { reader_id: reader, book_id: west, added_at: at(1n), added_position: 1n },
  ]);
});

test("a book that is removed without being there is no error", async () => {
  await happens(reader, remove(dream));
  expect(await shelves()).toEqual([]);
});

test("the view of the version shows the live build", async () => {
  await happens(reader, add(dream));
  expect((await store.pool.query("SELECT reader_id, book_id FROM shelf_v1.shelf_books")).rows).toEqual([
    { reader_id: reader, book_id: dream },
  ]);
});
