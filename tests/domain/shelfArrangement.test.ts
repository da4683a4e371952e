import { describe, expect, test } from "vitest";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import { groupId, groupName, maxGroups } from "../../src/domain/shelf/groups.ts";
import { manualOrder, type Shelf } from "../../src/domain/shelf/shelf.ts";
import { given, obey } from "./shelfCommands.ts";

const [dream, west, kingdoms, marsh] = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0", "shuihuzhuan0"] as const;
const add = (bookId: string, group?: string | null): ShelfCommand => ({
  type: "AddBookToShelf",
  bookId,
  capacity: 10,
  group,
});
const remove = (...bookIds: string[]): ShelfCommand => ({ type: "RemoveBooksFromShelf", bookIds });
const pin = (bookId: string): ShelfCommand => ({ type: "PinBook", bookId });
const unpin = (bookId: string): ShelfCommand => ({ type: "UnpinBook", bookId });
const move = (bookId: string, group: string | null): ShelfCommand => ({ type: "MoveBookToGroup", bookId, group });
const name = (group: string, text: string): ShelfCommand => ({ type: "NameGroup", group, name: text });
const reorder = (...bookIds: string[]): ShelfCommand => ({ type: "ReorderBooks", bookIds });
const reorderGroups = (...groups: string[]): ShelfCommand => ({ type: "ReorderGroups", groups });

const decide = (command: ShelfCommand, shelf: Shelf) => shelfDecider.decide(command, shelf);
/** Of four books, the last added first: marsh, kingdoms, west, dream. */
const four = given(add(dream), add(west), add(kingdoms), add(marsh));

describe("the manual order", () => {
  test("has a new book first", () => {
    expect(manualOrder(four)).toEqual([marsh, kingdoms, west, dream]);
  });

  test("is changed by one event that names what moved, or all up to the last one that did if that is shorter", () => {
    expect(decide(reorder(kingdoms, marsh, west, dream), four)).toEqual([
      { type: "ShelfBooksReordered", data: { moves: [{ ids: [kingdoms], after: null, before: marsh }] } },
    ]);
    expect(manualOrder(obey(four, reorder(dream, kingdoms)))).toEqual([dream, kingdoms, marsh, west]);
  });

  test("ignores unknown books, counts the first of doubles, and leaves unlisted books in their old order behind", () => {
    expect(manualOrder(obey(four, reorder("unknown00000", west, dream, west)))).toEqual([west, dream, marsh, kingdoms]);
  });

  test.each<[string, string[]]>([
    ["the order that it has", [marsh, kingdoms, west, dream]],
    ["the beginning of the order that it has", [marsh, kingdoms]],
    ["nothing", []],
    ["unknown books alone", ["unknown00000"]],
  ])("stays without an event for %s", (_what, bookIds) => {
    expect(decide(reorder(...bookIds), four)).toEqual([]);
  });

  test("puts a book that comes later first", () => {
    const shelf = obey(obey(four, reorder(dream, west)), remove(west));
    expect(manualOrder(obey(shelf, add(west)))).toEqual([west, dream, marsh, kingdoms]);
  });
});

describe("a pin", () => {
  test("is set once and taken off once", () => {
    expect(decide(pin(west), four)).toEqual([{ type: "ShelfBookPinned", data: { bookId: west } }]);
    const pinned = obey(four, pin(west));
    expect(decide(pin(west), pinned)).toEqual([]);
    expect(decide(unpin(west), pinned)).toEqual([{ type: "ShelfBookUnpinned", data: { bookId: west } }]);
    expect(decide(unpin(west), four)).toEqual([]);
  });

  test("needs a book on the shelf, and goes with it", () => {
    expect(decide(pin("unknown00000"), four)).toMatchObject({ refused: "book_not_on_shelf" });
    expect(decide(unpin("unknown00000"), four)).toMatchObject({ refused: "book_not_on_shelf" });
    const again = [pin(west), remove(west), add(west)].reduce(obey, four);
    expect([...again.pinned]).toEqual([]);
  });
});

describe("the removal of many", () => {
  test("is one event for each book that is there", () => {
    expect(decide(remove(west, "unknown00000", dream, west), four)).toEqual([
      { type: "BookRemovedFromShelf", data: { bookId: west, correction: true } },
      { type: "BookRemovedFromShelf", data: { bookId: dream, correction: true } },
    ]);
  });
});

describe("a group", () => {
  const grouped = [name("night", "夜读"), name("old", "古典"), move(dream, "old"), move(west, "old")].reduce(
    obey,
    four,
  );

  test("is made, renamed by one event, and left alone under its own name", () => {
    expect(decide(name("night", "夜读"), four)).toEqual([
      { type: "ShelfGroupCreated", data: { group: "night", name: "夜读" } },
    ]);
    expect(decide(name("night", "睡前"), grouped)).toEqual([
      { type: "ShelfGroupRenamed", data: { group: "night", name: "睡前" } },
    ]);
    expect(decide(name("night", "夜读"), grouped)).toEqual([]);
  });

  test("has a name of its own, which is free again after a rename and a deletion", () => {
    expect(decide(name("other", "古典"), grouped)).toMatchObject({ refused: "group_name_taken" });
    expect(decide(name("night", "古典"), grouped)).toMatchObject({ refused: "group_name_taken" });
    expect(decide(name("other", "古典"), obey(grouped, name("old", "旧书")))).toHaveLength(1);
    expect(decide(name("other", "古典"), obey(grouped, { type: "DeleteGroup", group: "old" }))).toHaveLength(1);
  });

  test(`is refused beyond ${maxGroups}, while a rename is not`, () => {
    const many = Array.from({ length: maxGroups }, (_, n) => name(`g${n}`, `组 ${n}`)).reduce(obey, four);
    expect(decide(name("more", "更多"), many)).toMatchObject({ refused: "too_many_groups" });
    expect(decide(name("g7", "更多"), many)).toHaveLength(1);
  });

  test("takes a book from the group that it was in, and gives it back for null", () => {
    const moved = obey(grouped, move(dream, "night"));
    expect([...moved.groupOf]).toEqual([
      [dream, "night"],
      [west, "old"],
    ]);
    expect(decide(move(dream, "old"), grouped)).toEqual([]);
    expect([...obey(grouped, move(dream, null)).groupOf.keys()]).toEqual([west]);
    expect(decide(move(marsh, null), grouped)).toEqual([]);
  });

  test("must be there, and the book too", () => {
    expect(decide(move(dream, "none-such"), grouped)).toMatchObject({ refused: "group_not_found" });
    expect(decide(move("unknown00000", "old"), grouped)).toMatchObject({ refused: "book_not_on_shelf" });
    expect(decide(add("unknown00000", "none-such"), grouped)).toMatchObject({ refused: "group_not_found" });
  });

  test("can be named when a book is shelved; a shelved book moves, and stays without a group named", () => {
    expect(decide(add("unknown00000", "old"), grouped)).toEqual([
      { type: "BookAddedToShelf", data: { bookId: "unknown00000" } },
      { type: "ShelfBookMovedToGroup", data: { bookId: "unknown00000", group: "old" } },
    ]);
    expect(decide(add(dream, "night"), grouped)).toEqual([
      { type: "ShelfBookMovedToGroup", data: { bookId: dream, group: "night" } },
    ]);
    expect(decide(add(dream, null), grouped)).toEqual([
      { type: "ShelfBookMovedToGroup", data: { bookId: dream, group: null } },
    ]);
    expect(decide(add(dream), grouped)).toEqual([]);
  });

  test("leaves its books on the shelf when it is deleted, once", () => {
    const gone: ShelfCommand = { type: "DeleteGroup", group: "old" };
    expect(decide(gone, grouped)).toEqual([
      { type: "ShelfGroupDeleted", data: { group: "old", bookIds: [dream, west] } },
    ]);
    const left = obey(grouped, gone);
    expect([manualOrder(left), [...left.groupOf], [...left.groups]]).toEqual([
      manualOrder(four),
      [],
      [["night", "夜读"]],
    ]);
    expect(decide(gone, left)).toEqual([]);
  });

  test("has a place among the groups: a new one last, unlisted ones behind in their old order", () => {
    const three = obey(grouped, name("new", "新书"));
    expect([...three.groups.keys()]).toEqual(["night", "old", "new"]);
    expect(decide(reorderGroups("new", "none-such", "old", "new"), three)).toEqual([
      { type: "ShelfGroupsReordered", data: { moves: [{ ids: ["new", "old"], after: null, before: "night" }] } },
    ]);
    expect(decide(reorderGroups("night"), three)).toEqual([]);
    expect([...obey(three, reorderGroups("old")).groups]).toEqual([
      ["old", "古典"],
      ["night", "夜读"],
      ["new", "新书"],
    ]);
  });
});

describe("a group's name", () => {
  test.each([
    ["　夜读 ", "夜读"],
    ["e\u0301tude", "étude"],
    ["一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"],
    ["📚".repeat(20), "📚".repeat(20)],
    ["𠮷野家的书", "𠮷野家的书"],
    ["<b>夜读</b>", "<b>夜读</b>"],
  ])("%j is %j", (typed, kept) => {
    expect(groupName.parse(typed)).toBe(kept);
  });

  test.each([
    ["nothing", ""],
    ["white space", " 　\u00a0"],
    ["nothing to be seen", "\u200b\u2060"],
    ["a Hangul filler", "\u3164"],
    ["Braille blanks", "\u2800\u2800"],
    ["marks and joiners alone", "\u0301\u200d\ufe0f"],
    ["more than 20 characters", "书".repeat(21)],
    ["two lines", "夜\n读"],
    ["a NUL", "夜\0读"],
    ["half a character", "夜\ud842"],
    ["text that is turned round", "夜\u202e读"],
  ])("is not %s", (_what, typed) => {
    expect(groupName.safeParse(typed).success).toBe(false);
  });
});

test.each(["none", "order", "", "Night", "夜", "a".repeat(33), "a_b"])("a group's id is not %j", (id) => {
  expect(groupId.safeParse(id).success).toBe(false);
});
