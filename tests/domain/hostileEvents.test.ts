import { describe, expect, test } from "vitest";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { maxChapters, maxEdition, maxUnfinishedEditions } from "../../src/domain/library/limits.ts";
import { createCodec, InvalidEvent } from "../../src/event-store/codec.ts";
import { catalogued, chapter, chaptersPublished, dream, published } from "../projections/libraryEvents.ts";
import { recorded } from "./recorded.ts";

const codec = createCodec();
const billions = 2_000_000_000;
const mebibyte = "字".repeat(350_000);
const totals = { chapters: 10, words: 1_000 };

/** An event of a book with some of its data made invalid. */
const spoilt = (event: HeimaEvent, data: Record<string, unknown>) => ({
  type: event.type,
  data: { ...event.data, ...data },
});
const spoiltChapter = (changed: Record<string, unknown>) =>
  spoilt(chaptersPublished(1, [1]), { chapters: [{ ...chapter(1, 1), ...changed }] });
const shelf = (type: string, data: unknown) => ({ type, data });
const first = (...ids: string[]) => ({ ids, after: null, before: null });
const noon = "2026-03-01T12:00:00.000Z";
const visit = (number: number, nth: number) => ({ bookId: id(number), visit: nth, openedAt: noon });
const id = (number: number) => String(number).padStart(12, "0");

const hostile: Record<string, { type: string; data: unknown }> = {
  "an edition of two billion": spoilt(published(1, 10), { edition: billions, replaces: 0 }),
  "an edition of two billion that replaces the one before": spoilt(published(1, 10), {
    edition: billions,
    replaces: billions - 1,
  }),
  "an edition before which very many were never finished": spoilt(published(1, 10), {
    edition: maxUnfinishedEditions + 1,
    replaces: 0,
  }),
  "an edition that replaces itself": spoilt(published(1, 10), { replaces: 1 }),
  "a range of two billion": spoilt(published(1, 10), { changed: [{ from: 1, to: billions }] }),
  "a book of two billion chapters": spoilt(published(1, 10), { totals: { chapters: billions, words: 1 } }),
  "a range beyond the edition": spoilt(published(1, 10), { changed: [{ from: 1, to: 11 }], totals }),
  "a range that goes back": spoilt(published(1, 10), { changed: [{ from: 3, to: 2 }], totals }),
  "a range given thirty thousand times": spoilt(published(1, maxChapters), {
    changed: Array.from({ length: 30_000 }, () => ({ from: 1, to: maxChapters })),
  }),
  "ranges out of order": spoilt(published(1, 10), {
    changed: [
      { from: 5, to: 6 },
      { from: 1, to: 2 },
    ],
  }),
  "words that no number can count": spoilt(published(1, 10), { totals: { chapters: 10, words: 2 ** 52 } }),
  "chapters for an edition of two billion": spoilt(chaptersPublished(1, [1]), { edition: billions }),
  "more chapters than one event carries": chaptersPublished(
    1,
    Array.from({ length: 501 }, (_, index) => index + 1),
  ),
  "the same chapter twice": chaptersPublished(1, [1, 1]),
  "a chapter of number two billion": spoiltChapter({ no: billions }),
  "a chapter's heading of 1 MiB": spoiltChapter({ title: mebibyte }),
  "a chapter's volume of 1 MiB": spoiltChapter({ volume: mebibyte }),
  "a chapter of two billion characters": spoiltChapter({ length: billions }),
  "a chapter of two billion words": spoiltChapter({ words: billions }),
  "a chapter's heading with NUL": spoiltChapter({ title: "第\0回" }),
  ...Object.fromEntries(
    ["title", "author", "intro", "category", "subCategory"].flatMap((field) => [
      [`a book's ${field} of 1 MiB`, spoilt(catalogued(), { [field]: mebibyte })],
      [`a book's ${field} with NUL`, spoilt(catalogued(), { [field]: "a\0b" })],
    ]),
  ),
  "a source's id of 1 MiB": spoilt(catalogued(), { source: { name: "txt", id: mebibyte } }),
  "a source's name of 1 MiB": spoilt(catalogued(), { source: { name: mebibyte, id: "1" } }),
  "a cover's address of 1 MiB": spoilt(catalogued(), { cover: { url: `https://a.example/${"a".repeat(2 ** 20)}` } }),
  "a group's name of 1 MiB": shelf("ShelfGroupCreated", { group: "a", name: mebibyte }),
  "a group's name with NUL": shelf("ShelfGroupRenamed", { group: "a", name: "\0" }),
  "an order of more books than a shelf holds": shelf("ShelfBooksReordered", {
    moves: [first(...Array.from({ length: 100_001 }, (_, index) => id(index)))],
  }),
  "an order of more books than a shelf holds, in two moves": shelf("ShelfBooksReordered", {
    moves: [0, 60_000].map((from) => first(...Array.from({ length: 60_000 }, (_, index) => id(from + index)))),
  }),
  "an order that names a book twice": shelf("ShelfBooksReordered", { moves: [first(id(1), id(1))] }),
  "an order that moves a book twice": shelf("ShelfBooksReordered", { moves: [first(id(1)), first(id(1))] }),
  "a move after a book that moves": shelf("ShelfBooksReordered", {
    moves: [first(id(1)), { ids: [id(2)], after: id(1), before: null }],
  }),
  "a move before itself": shelf("ShelfBooksReordered", { moves: [{ ids: [id(2)], after: id(1), before: id(2) }] }),
  "an order of no moves": shelf("ShelfBooksReordered", { moves: [] }),
  "a move of nothing": shelf("ShelfBooksReordered", { moves: [first()] }),
  "a deleted group with a book twice": shelf("ShelfGroupDeleted", { group: "a", bookIds: [id(1), id(1)] }),
  "an order of more groups than a shelf has": shelf("ShelfGroupsReordered", {
    moves: [first(...Array.from({ length: 101 }, (_, index) => `g${index}`))],
  }),
  "a field named by a NUL and 1 MiB": shelf("BookAddedToShelf", { bookId: id(1), [`\0${mebibyte}`]: 1 }),
  "a book that returns after itself": shelf("BookReturnedToShelf", {
    bookId: id(1),
    pinned: false,
    group: null,
    after: id(1),
    before: null,
  }),
  "a book that returns between one book and the same": shelf("BookReturnedToShelf", {
    bookId: id(1),
    pinned: false,
    group: null,
    after: id(2),
    before: id(2),
  }),
  "a cleared history with a book twice": shelf("BrowseHistoryCleared", {
    clearedAt: noon,
    books: [visit(1, 1), visit(1, 2)],
  }),
  "a cleared history of more books than it has": shelf("BrowseHistoryCleared", {
    clearedAt: noon,
    books: Array.from({ length: 1_001 }, (_, index) => visit(index, index + 1)),
  }),
  "a visit of number four billion": shelf("BookOpened", { ...visit(1, 2 * billions), forgotten: null }),
  "an opened book that is forgotten": shelf("BookOpened", { ...visit(1, 1), forgotten: id(1) }),
  "an order that names a group twice": shelf("ShelfGroupsReordered", { moves: [first("a", "a")] }),
};

describe("an event that others wrote is refused, in few words, with", () => {
  test.each(Object.entries(hostile))("%s", (_, { type, data }) => {
    const error = refusalOf(type, data);
    expect(error).toBeInstanceOf(InvalidEvent);
    expect((error as Error).message.length).toBeLessThan(1_500);
    expect((error as Error).message).not.toContain("\0");
  });
});

test.each([
  ["twice", [id(1), id(1)]],
  ["too many", Array.from({ length: 100_001 }, (_, index) => id(index))],
  ["none", []],
  ["nothing", undefined],
])("an order of version 1 that names %s is refused", (_, bookIds) => {
  const old = recorded({ type: "ShelfBooksReordered", data: { bookIds } }, { schemaVersion: 1 });
  expect(() => codec.decode(old)).toThrow(InvalidEvent);
});

test("an edition of version 1 with two billion chapters is refused", () => {
  const { edition, digest } = published(1, 1).data as { edition: number; digest: string };
  const data = { edition, digest, totals: { chapters: billions, words: 1 } };
  expect(() => codec.decode(recorded({ type: "BookPublished", data }, { schemaVersion: 1 }))).toThrow(InvalidEvent);
});

describe("what an import may write stays readable:", () => {
  const surrogates = (length: number) => "𠀀".repeat(length);
  const lawful: Record<string, HeimaEvent> = {
    "the longest texts": catalogued({
      ...dream,
      title: surrogates(200),
      author: surrogates(100),
      intro: surrogates(5_000),
      category: surrogates(50),
      subCategory: surrogates(50),
      source: { name: "txt", id: "\ufdfa".repeat(300).normalize("NFKC") },
      cover: { url: new URL(`https://a.example/${"字".repeat(1_980)}`).href },
    }),
    "the longest book, all of it changed": published(maxEdition, maxChapters),
    "every other chapter of it": published(2, maxChapters, {
      changed: Array.from({ length: maxChapters / 2 }, (_, index) => ({ from: 2 * index + 1, to: 2 * index + 1 })),
    }),
    "an edition after many that were never finished": published(maxUnfinishedEditions, 1, { replaces: 0 }),
    "an empty edition": published(1, 0, { changed: [] }),
    "the longest headings": {
      type: "ChaptersPublished",
      data: {
        edition: 1,
        digest: "d".repeat(64),
        chapters: [{ ...chapter(1, maxChapters), title: surrogates(200), volume: surrogates(32 * 200) }],
        totals: { chapters: maxChapters, words: 15_000_000 },
      },
    },
    "a group's longest name": { type: "ShelfGroupCreated", data: { group: "a", name: surrogates(20) } },
  };
  test.each(Object.entries(lawful))("%s", (_, event) => {
    expect(codec.decode(recorded(event)).data).toEqual(event.data);
  });
});

function refusalOf(type: string, data: unknown): unknown {
  try {
    return codec.decode(recorded({ type, data }));
  } catch (error) {
    return error;
  }
}
