import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DomainEvent } from "../../src/domain/event.ts";
import type { Move } from "../../src/domain/shelf/moves.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { batchOf, codec, recorded } from "./fixtures.ts";
import { freshStore, type Store } from "./store.ts";

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
const other = "01890a5d-ac96-774b-bcce-b302099a8058";
const [dream, west, kingdoms, marsh] = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0", "shuihuzhuan0"] as const;

let store: Store;
let build: Build;
beforeAll(async () => {
  store = await freshStore();
  build = await store.build(shelf);
});
afterAll(() => store.close());

let log = 0n;
beforeEach(async () => {
  const { name } = build;
  await store.pool.query(`TRUNCATE ${name}.shelf_books, ${name}.shelf_groups, ${name}.shelf_removed_books`);
  await store.pool.query(`UPDATE ${name}.checkpoints SET position = -1`);
  log = 0n;
});

const add = (bookId: string): DomainEvent => ({ type: "BookAddedToShelf", data: { bookId } });
const remove = (bookId: string): DomainEvent => ({ type: "BookRemovedFromShelf", data: { bookId } });
const pin = (bookId: string): DomainEvent => ({ type: "ShelfBookPinned", data: { bookId } });
const unpin = (bookId: string): DomainEvent => ({ type: "ShelfBookUnpinned", data: { bookId } });
const move = (bookId: string, group: string | null): DomainEvent => ({
  type: "ShelfBookMovedToGroup",
  data: { bookId, group },
});
const first = (...ids: string[]) => ({ ids, after: null, before: null });
const reorder = (...moves: Move[]): DomainEvent => ({ type: "ShelfBooksReordered", data: { moves } });
const create = (group: string, name: string): DomainEvent => ({ type: "ShelfGroupCreated", data: { group, name } });
const rename = (group: string, name: string): DomainEvent => ({ type: "ShelfGroupRenamed", data: { group, name } });
const drop = (group: string, ...bookIds: string[]): DomainEvent => ({
  type: "ShelfGroupDeleted",
  data: { group, bookIds },
});
const reorderGroups = (...moves: Move[]): DomainEvent => ({ type: "ShelfGroupsReordered", data: { moves } });
const at = (position: bigint) => new Date(Date.UTC(2026, 0, 1) + Number(position));

/** Applies the events, all of one reader, as one batch that follows the last. */
async function happens(readerId: string, ...events: DomainEvent[]) {
  const after = log - 1n;
  const batch = events.map((event) => recorded(log++, `shelf-${readerId}`, event));
  await applyBatch(store.store, codec, build, batchOf(build, 0, after, batch));
}
const shelves = () => store.rows(build, "shelf_books");
const groups = () => store.rows(build, "shelf_groups");

/** The row of a book that was added at a position and not changed since. */
const row = (readerId: string, bookId: string, position: bigint) => ({
  reader_id: readerId,
  book_id: bookId,
  added_at: at(position),
  added_position: position,
  pinned: false,
  group_id: null,
  order_position: position,
  order_rank: "V",
});
const group = (readerId: string, id: string, name: string, position: bigint, rank = "V") => ({
  reader_id: readerId,
  group_id: id,
  name,
  order_position: position,
  order_rank: rank,
});

describe("the books", () => {
  test("BookAddedToShelf puts the book on its reader's shelf, with when and where in the log", async () => {
    await happens(reader, add(dream));
    await happens(other, add(dream), add(west));
    expect(await shelves()).toEqual([row(reader, dream, 0n), row(other, dream, 1n), row(other, west, 2n)]);
  });

  test("BookRemovedFromShelf takes that book of that reader alone", async () => {
    await happens(reader, add(dream), add(west));
    await happens(other, add(dream));
    await happens(reader, remove(dream));
    expect(await shelves()).toEqual([row(reader, west, 1n), row(other, dream, 2n)]);
  });

  test("a book that is added and removed in one batch is not there", async () => {
    await happens(reader, add(dream), remove(dream));
    expect(await shelves()).toEqual([]);
  });

  test("a book that is added again stands where it was added last, without pin and group", async () => {
    await happens(reader, add(dream), add(west), create("night", "夜读"), pin(dream), move(dream, "night"));
    await happens(reader, remove(dream), add(dream));
    expect(await shelves()).toEqual([row(reader, dream, 6n), row(reader, west, 1n)]);
  });

  test("a pin is set and taken off, of that reader's book alone", async () => {
    await happens(other, add(dream));
    await happens(reader, add(dream), add(west), pin(dream), pin(west), unpin(west));
    expect(await shelves()).toEqual([
      { ...row(reader, dream, 1n), pinned: true },
      row(reader, west, 2n),
      row(other, dream, 0n),
    ]);
  });

  test("ShelfBooksReordered puts what moves to the front above all by its position, and touches no other", async () => {
    await happens(reader, add(dream), add(west), add(kingdoms));
    await happens(reader, reorder(first(west, dream)));
    expect(await shelves()).toEqual([
      { ...row(reader, dream, 0n), order_position: 3n, order_rank: "V" },
      row(reader, kingdoms, 2n),
      { ...row(reader, west, 1n), order_position: 3n, order_rank: "k" },
    ]);
  });

  test("ShelfBooksReordered ranks what moves between its two neighbours, and touches no other", async () => {
    await happens(reader, add(dream), add(west), add(kingdoms), add(marsh));
    await happens(reader, reorder({ ids: [marsh], after: west, before: dream }));
    const moved = { ...row(reader, marsh, 3n), order_position: 0n, order_rank: "k" };
    expect(await shelves()).toEqual([row(reader, dream, 0n), row(reader, kingdoms, 2n), moved, row(reader, west, 1n)]);
    await happens(reader, reorder({ ids: [kingdoms, west], after: marsh, before: dream }));
    expect(await shelves()).toEqual([
      row(reader, dream, 0n),
      { ...row(reader, kingdoms, 2n), order_position: 0n, order_rank: "g" },
      moved,
      { ...row(reader, west, 1n), order_position: 0n, order_rank: "c" },
    ]);
    await happens(reader, reorder({ ids: [marsh], after: dream, before: null }));
    expect(await shelves()).toContainEqual({ ...moved, order_rank: "F" });
  });

  test("a reorder of version 1 lists what comes first", async () => {
    await happens(reader, add(dream), add(west), add(kingdoms));
    const old = recorded(
      log++,
      `shelf-${reader}`,
      { type: "ShelfBooksReordered", data: { bookIds: [west, dream] } },
      { schemaVersion: 1 },
    );
    await applyBatch(store.store, codec, build, batchOf(build, 0, log - 2n, [old]));
    expect((await shelves()).map((book) => [book.book_id, book.order_position, book.order_rank])).toEqual([
      [dream, 3n, "V"],
      [kingdoms, 2n, "V"],
      [west, 3n, "k"],
    ]);
  });
});

describe("a removal that is taken back", () => {
  const back = (bookId: string, after: string | null, before: string | null, more = {}): DomainEvent => ({
    type: "BookReturnedToShelf",
    data: { bookId, pinned: false, group: null, after, before, ...more },
  });

  test("brings the book between its neighbours, with pin and group, as old as it was", async () => {
    await happens(reader, add(dream), add(west), add(kingdoms), create("old", "古典"));
    await happens(reader, remove(west));
    await happens(reader, back(west, kingdoms, dream, { pinned: true, group: "old" }));
    expect(await shelves()).toEqual([
      row(reader, dream, 0n),
      row(reader, kingdoms, 2n),
      { ...row(reader, west, 1n), pinned: true, group_id: "old", order_position: 0n, order_rank: "k" },
    ]);
    expect(await store.rows(build, "shelf_removed_books")).toEqual([]);
  });

  test("brings it first, or last, and in the batch of its removal too", async () => {
    await happens(reader, add(dream), add(west), remove(west), back(west, null, dream));
    expect(await shelves()).toEqual([
      row(reader, dream, 0n),
      { ...row(reader, west, 1n), order_position: 3n, order_rank: "V" },
    ]);
    await happens(reader, remove(dream), back(dream, west, null));
    expect(await shelves()).toEqual([
      { ...row(reader, dream, 0n), order_position: 3n, order_rank: "F" },
      { ...row(reader, west, 1n), order_position: 3n, order_rank: "V" },
    ]);
  });

  test("leaves a book alone that is there, and brings one between neighbours that are not there all the same", async () => {
    await happens(reader, add(dream), pin(dream), back(dream, null, null));
    await happens(reader, back(west, marsh, kingdoms));
    expect(await shelves()).toEqual([{ ...row(reader, dream, 0n), pinned: true }, row(reader, west, 3n)]);
  });
});

describe("the groups", () => {
  test("are made, renamed and put into an order", async () => {
    await happens(reader, create("night", "夜读"), create("old", "古典"), rename("night", "睡前"));
    await happens(other, create("night", "夜读"));
    expect(await groups()).toEqual([
      group(reader, "night", "睡前", 0n),
      group(reader, "old", "古典", 1n),
      group(other, "night", "夜读", 3n),
    ]);
    await happens(reader, reorderGroups(first("old", "night")), create("new", "新书"));
    expect(await groups()).toEqual([
      group(reader, "new", "新书", 5n),
      group(reader, "night", "睡前", 4n, "k"),
      group(reader, "old", "古典", 4n, "V"),
      group(other, "night", "夜读", 3n),
    ]);
  });

  test("hold the books that were moved to them, until they are deleted", async () => {
    await happens(reader, create("night", "夜读"), add(dream), add(west), move(dream, "night"), move(west, "night"));
    await happens(reader, move(west, null));
    expect((await shelves()).map((book) => book.group_id)).toEqual(["night", null]);
    await happens(reader, drop("night", dream));
    expect(await groups()).toEqual([]);
    expect(await shelves()).toEqual([row(reader, dream, 1n), row(reader, west, 2n)]);
  });
});

test("a change of a missing book or group is no error", async () => {
  await happens(reader, remove(dream), pin(dream), unpin(dream), move(dream, "night"), reorder(first(west, dream)));
  await happens(reader, reorder({ ids: [west], after: dream, before: null }));
  await happens(reader, rename("night", "夜读"), reorderGroups(first("night")), drop("night", dream));
  expect([await shelves(), await groups()]).toEqual([[], []]);
});

test("the view of the version shows the live build", async () => {
  await happens(reader, add(dream));
  expect((await store.pool.query("SELECT reader_id, book_id FROM shelf_v4.shelf_books")).rows).toEqual([
    { reader_id: reader, book_id: dream },
  ]);
});
