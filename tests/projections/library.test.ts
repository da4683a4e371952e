import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { LibraryEvent } from "../../src/domain/library/events.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/build.ts";
import { library } from "../../src/projections/library/library.ts";
import { batchOf, codec, recorded } from "./fixtures.ts";
import { catalogued, chaptersPublished, published } from "./libraryEvents.ts";
import { freshStore, type Store } from "./store.ts";

const bookId = "hongloumeng0";
let store: Store;
let build: Build;
beforeAll(async () => {
  store = await freshStore();
  build = await store.build(library);
});
afterAll(() => store.close());

let log = 0n;
beforeEach(async () => {
  await store.pool.query(
    `TRUNCATE ${build.schema}.books, ${build.schema}.chapters; UPDATE ${build.schema}.checkpoints SET position = -1`,
  );
  log = 0n;
});

const at = (position: bigint) => new Date(Date.UTC(2026, 0, 1) + Number(position));

/** Applies the events of the book as one batch that follows the last. */
async function happens(...events: LibraryEvent[]) {
  await happensTo(bookId, ...events);
}
async function happensTo(book: string, ...events: LibraryEvent[]) {
  const after = log - 1n;
  const batch = events.map((event) => recorded(log++, `book-${book}`, event));
  await applyBatch(store.pool, codec, build, batchOf(build, 0, after, batch));
}
const books = () => store.rows(build, "books");
const chapters = async () => (await store.rows(build, "chapters")).map(({ edition, no }) => `${edition}.${no}`);

const unpublished = {
  book_id: bookId,
  title: "红楼梦",
  author: "曹雪芹",
  intro: "",
  channel: "published",
  category: "古典",
  status: "finished",
  cover_url: null,
  edition: null,
  chapters: 0,
  words: 0n,
  catalogued_at: at(0n),
  published_at: null,
  published_position: null,
  updated_at: at(0n),
};

test("BookCatalogued makes the book known, not yet published", async () => {
  await happens(catalogued());
  expect(await books()).toEqual([unpublished]);
});

test("BookCatalogued again corrects what it says, and leaves what was published", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2]), published(1, 2));
  await happens(catalogued({ title: "石头记", coverUrl: "https://example.org/cover.jpg" }));
  expect(await books()).toEqual([
    {
      ...unpublished,
      title: "石头记",
      cover_url: "https://example.org/cover.jpg",
      edition: 1,
      chapters: 2,
      words: 200n,
      published_at: at(2n),
      published_position: 2n,
      updated_at: at(3n),
    },
  ]);
});

test("ChaptersPublished adds the chapters, and leaves the book as it was", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2]));
  expect(await books()).toEqual([unpublished]);
  expect(await store.rows(build, "chapters")).toEqual([
    {
      book_id: bookId,
      edition: 1,
      no: 1,
      chapter_id: "chapter00001",
      title: "第1回",
      volume: null,
      kind: "chapter",
      sha256: "11".padEnd(64, "0"),
      length: 120,
      words: 100,
    },
    {
      book_id: bookId,
      edition: 1,
      no: 2,
      chapter_id: "chapter00002",
      title: "第2回",
      volume: null,
      kind: "chapter",
      sha256: "12".padEnd(64, "0"),
      length: 120,
      words: 100,
    },
  ]);
});

test("BookPublished shows the edition with its totals", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2, 3]), published(1, 3));
  expect(await books()).toEqual([
    {
      ...unpublished,
      edition: 1,
      chapters: 3,
      words: 300n,
      published_at: at(2n),
      published_position: 2n,
      updated_at: at(2n),
    },
  ]);
});

test("a second edition keeps the place of the first publication", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2, 3]), published(1, 3));
  await happens(chaptersPublished(2, [1, 2]), published(2, 2));
  expect(await books()).toMatchObject([
    { edition: 2, chapters: 2, words: 200n, published_at: at(2n), published_position: 2n, updated_at: at(4n) },
  ]);
});

test("a second edition shows beside the first until it is complete, then the first's chapters go", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2, 3]), published(1, 3));
  await happens(chaptersPublished(2, [1, 2]));
  expect(await chapters()).toEqual(["1.1", "1.2", "1.3", "2.1", "2.2"]);
  await happens(published(2, 2));
  expect(await chapters()).toEqual(["2.1", "2.2"]);
});

test("with an edition go the chapters of those that were begun before it and never finished", async () => {
  await happens(catalogued(), chaptersPublished(1, [1]), published(1, 1), chaptersPublished(2, [1, 2]));
  await happens(chaptersPublished(3, [1]), published(3, 1));
  expect(await chapters()).toEqual(["3.1"]);
});

test("the chapters of other books stay", async () => {
  await happensTo("xiyouji00000", catalogued(), chaptersPublished(1, [1, 2]));
  await happens(catalogued(), chaptersPublished(1, [1]), published(1, 1), chaptersPublished(2, [1]), published(2, 1));
  const rows = await store.rows(build, "chapters");
  expect(rows.map(({ book_id, edition, no }) => [book_id, edition, no])).toEqual([
    [bookId, 2, 1],
    ["xiyouji00000", 1, 1],
    ["xiyouji00000", 1, 2],
  ]);
});

test("BookPublished of a book that was never catalogued does nothing", async () => {
  await happens(published(1, 3));
  expect(await books()).toEqual([]);
});
