import { expect, test } from "vitest";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { InvalidEvent } from "../../src/event-store/codec.ts";
import { collected } from "../../src/projections/collected/collected.ts";
import { HandlerFailed } from "../../src/projections/engine/core/plan.ts";
import { library } from "../../src/projections/library/library.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { given } from "../support/readModel.ts";
import { tallyOf } from "./fixtures.ts";
import { catalogued, chaptersPublished, published } from "./libraryEvents.ts";

// Unit tests of read models as authors write them: events in, rows out, no database.

const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;
const add = (bookId: string): HeimaEvent => ({ type: "BookAddedToShelf", data: { bookId } });
const remove = (bookId: string): HeimaEvent => ({ type: "BookRemovedFromShelf", data: { bookId } });

test("shelf: a book that is added, pinned and put into a group", () => {
  const at = new Date("2026-03-04T05:06:07.890Z");
  const seen = given(
    shelf,
    ["shelf-lin", add(west)],
    ["shelf-lin", { type: "ShelfGroupCreated", data: { group: "night0000000", name: "夜读" } }],
    ["shelf-lin", add(dream), at],
    ["shelf-lin", { type: "ShelfBookPinned", data: { bookId: dream } }],
    ["shelf-lin", { type: "ShelfBookMovedToGroup", data: { bookId: dream, group: "night0000000" } }],
    ["shelf-lin", remove(west)],
  );
  expect(seen.rows("shelf_books")).toEqual([
    {
      reader_id: "lin",
      book_id: dream,
      added_at: at,
      added_position: 2n,
      pinned: true,
      group_id: "night0000000",
      order_position: 2n,
      order_rank: "V",
    },
  ]);
  expect(seen.rows("shelf_groups")).toMatchObject([{ reader_id: "lin", name: "夜读", order_position: 1n }]);
});

test("library: a published edition's chapters, and none of the drafts before it", () => {
  const seen = given(
    library,
    [`book-${dream}`, catalogued()],
    [`book-${dream}`, chaptersPublished(1, [1, 2])],
    [`book-${dream}`, published(1, 2)],
    [`book-${dream}`, chaptersPublished(2, [1])],
    [`book-${dream}`, chaptersPublished(3, [1])],
    [`book-${dream}`, published(3, 1, { replaces: 1 })],
  );
  expect(seen.rows("books")).toMatchObject([{ book_id: dream, edition: 3, chapters: 1, words: 100n }]);
  expect(seen.rows("chapters").map(({ no, sha256 }) => [no, sha256.slice(0, 2)])).toEqual([
    [1, "31"],
    [2, "12"],
  ]);
  expect(seen.rows("draft_chapters")).toEqual([]);
});

test("collected: books are counted over all shelves, and what other read models handle is passed over", () => {
  const seen = given(
    collected,
    ["shelf-lin", add(dream)],
    ["shelf-wang", add(dream)],
    [`book-${dream}`, catalogued()],
    ["shelf-wang", add(west)],
    ["shelf-lin", remove(dream)],
    ["shelf-wang", remove(west)],
  );
  expect(seen.rows("collected_books")).toEqual([{ book_id: dream, shelves: 1 }]);
});

test("without events there are no rows; a missing table is an error of the test", () => {
  expect(given(collected).rows("collected_books")).toEqual([]);
  expect(() => given(collected).rows("books" as never)).toThrow("collected has no table books");
});

test("an event that its schema refuses, or the handler, fails the test", () => {
  expect(() => given(shelf, ["shelf-lin", add("short")])).toThrow(InvalidEvent);
  const broken = tallyOf("broken", () => {
    throw new Error("broken");
  });
  expect(() => given(broken, ["shelf-lin", add(dream)])).toThrow(HandlerFailed);
});
