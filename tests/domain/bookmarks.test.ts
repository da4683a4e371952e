import { describe, expect, test } from "vitest";
import { bookmarksDecider } from "../../src/domain/reading/bookmarks/decider.ts";
import type { Bookmark, BookmarksEvent } from "../../src/domain/reading/bookmarks/events.ts";
import { maxBookmarks } from "../../src/domain/reading/bookmarks/limits.ts";
import { createCodec, InvalidEvent } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

const { initialState, evolve, fold, decide } = bookmarksDecider;
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const bookmark = (number: number, more: Partial<Bookmark> = {}): Bookmark => ({
  bookmarkId: id(number),
  bookId: "hongloumeng0",
  chapterId: "chapter00001",
  chapterNo: 1,
  offset: 10,
  note: "妙",
  ...more,
});
const set = (number: number): BookmarksEvent => ({ type: "BookmarkSet", data: bookmark(number) });
const one = evolve(initialState, set(1));

describe("a bookmark", () => {
  test("is set", () => {
    expect(decide({ type: "SetBookmark", bookmark: bookmark(1) }, initialState)).toEqual([set(1)]);
  });

  test("that differs only in the edition's number stays", () => {
    expect(decide({ type: "SetBookmark", bookmark: bookmark(1, { chapterNo: 2 }) }, one)).toEqual([]);
  });

  test.each([{ offset: 11 }, { note: "" }, { chapterId: "chapter00002" }])("is changed to %j", (more) => {
    const data = bookmark(1, more);
    expect(decide({ type: "SetBookmark", bookmark: data }, one)).toEqual([{ type: "BookmarkChanged", data }]);
  });

  test("stays in its book", () => {
    const moved = bookmark(1, { bookId: "xiyouji00000" });
    expect(decide({ type: "SetBookmark", bookmark: moved }, one)).toMatchObject({
      refused: "bookmark_of_another_book",
    });
  });

  test("is deleted once, from its book", () => {
    const data = { bookmarkId: id(1), bookId: "hongloumeng0" };
    expect(decide({ type: "DeleteBookmark", ...data, bookId: "xiyouji00000" }, one)).toEqual([]);
    const deleted = decide({ type: "DeleteBookmark", ...data }, one);
    expect(deleted).toEqual([{ type: "BookmarkDeleted", data }]);
    const none = fold?.(one, deleted as readonly BookmarksEvent[]) ?? one;
    expect(none.size).toBe(0);
    expect(decide({ type: "DeleteBookmark", ...data }, none)).toEqual([]);
  });

  test("is one of 5,000 at most", () => {
    const full = fold?.(
      initialState,
      Array.from({ length: maxBookmarks }, (_, number) => set(number)),
    );
    const more = bookmark(maxBookmarks);
    expect(decide({ type: "SetBookmark", bookmark: more }, full ?? one)).toMatchObject({
      refused: "too_many_bookmarks",
    });
    expect(decide({ type: "SetBookmark", bookmark: bookmark(1, { note: "好" }) }, full ?? one)).toHaveLength(1);
  });
});

describe("events of version 1", () => {
  const codec = createCodec();
  const stored = JSON.parse(`{"bookmarkId":"${id(1)}","bookId":"hongloumeng0","chapterId":"chapter00001","chapterNo":1,
    "offset":10,"note":"妙\\n好"}`);
  test.each([
    ["BookmarkSet", stored],
    ["BookmarkChanged", stored],
    ["BookmarkDeleted", { bookmarkId: id(1), bookId: "hongloumeng0" }],
  ])("%s is read as it was written", (type, data) => {
    expect(codec.decode(recorded({ type, data }, { schemaVersion: 1 })).data).toEqual(data);
  });

  test("a note of 500 characters beyond the BMP is read, one far longer is refused", () => {
    const read = (note: string) => codec.decode(recorded({ type: "BookmarkSet", data: bookmark(1, { note }) }));
    expect(read("𠀀".repeat(500)).data).toMatchObject({ note: "𠀀".repeat(500) });
    expect(() => read("𠀀".repeat(1_001))).toThrow(InvalidEvent);
  });
});
