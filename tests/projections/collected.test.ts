import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { collected } from "../../src/projections/collected/collected.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import { batchOf, codec, recorded } from "./fixtures.ts";
import { freshStore, type Store } from "./store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

test("books are counted by the shelves that they lie on", async () => {
  const build = await store.build(collected);
  const add = (bookId: string): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId } });
  const remove = (bookId: string): ShelfEvent => ({ type: "BookRemovedFromShelf", data: { bookId } });
  const returned = (bookId: string): ShelfEvent => ({
    type: "BookReturnedToShelf",
    data: { bookId, pinned: false, group: null, after: null, before: null },
  });
  const happened: [string, ShelfEvent][] = [
    ["lin", add("hongloumeng0")],
    ["wang", add("hongloumeng0")],
    ["wang", add("xiyouji00000")],
    ["lin", remove("hongloumeng0")],
    ["lin", add("hongloumeng0")],
    ["wang", remove("xiyouji00000")],
    ["wang", remove("hongloumeng0")],
    ["wang", returned("hongloumeng0")],
  ];
  const events = happened.map(([reader, event], index) => recorded(BigInt(index), `shelf-${reader}`, event));
  await applyBatch(store.store, codec, build, batchOf(build, 0, -1n, events.slice(0, 3)));
  await applyBatch(store.store, codec, build, batchOf(build, 0, 2n, events.slice(3)));
  expect(await store.rows(build, "collected_books")).toEqual([
    { book_id: "hongloumeng0", shelves: 2 },
    { book_id: "xiyouji00000", shelves: 0 },
  ]);
});
