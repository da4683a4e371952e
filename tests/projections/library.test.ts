import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { LibraryEvent } from "../../src/domain/library/events.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { library } from "../../src/projections/library/library.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
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
    `TRUNCATE ${build.name}.books, ${build.name}.chapters, ${build.name}.draft_chapters, ${build.name}.gone_chapters; UPDATE ${build.name}.checkpoints SET position = -1`,
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
  await applyBatch(store.store, codec, build, batchOf(build, 0, after, batch));
}
const books = () => store.rows(build, "books");
const seen = async () =>
  (await store.rows(build, "chapters")).map(({ no, sha256 }) => `${no}: ${String(sha256).slice(0, 2)}`);
const drafts = async () => (await store.rows(build, "draft_chapters")).map(({ edition, no }) => `${edition}.${no}`);

const unpublished = {
  book_id: bookId,
  title: "红楼梦",
  title_key: "hong2 lou2 meng4",
  author: "曹雪芹",
  intro: "",
  channel: "published",
  category: "古典",
  category_id: categoryId("published", "古典"),
  sub_category: null,
  sub_category_id: null,
  status: "finished",
  cover_url: null,
  cover_sha256: null,
  edition: null,
  chapters: 0,
  words: null,
  catalogued_at: at(0n),
  catalogued_position: 0n,
  updated_at: at(0n),
  updated_position: 0n,
  published_at: null,
  grown_at: null,
  withdrawn_at: null,
};

test("BookCatalogued makes the book known, not yet published", async () => {
  await happens(catalogued({ words: 860_000, subCategory: "章回", cover: { sha256: "c".repeat(64) } }));
  expect(await books()).toEqual([
    {
      ...unpublished,
      words: 860_000n,
      sub_category: "章回",
      sub_category_id: categoryId("published", "古典", "章回"),
      cover_sha256: "c".repeat(64),
    },
  ]);
});

test("BookCatalogued again corrects what it says, and leaves what was published", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2]), published(1, 2));
  await happens(catalogued({ title: "石头记", words: 7, cover: { url: "https://example.org/cover.jpg" } }));
  expect(await books()).toEqual([
    {
      ...unpublished,
      title: "石头记",
      title_key: "shi2 tou0 ji4",
      cover_url: "https://example.org/cover.jpg",
      edition: 1,
      chapters: 2,
      words: 200n,
      published_at: at(2n),
      grown_at: at(2n),
      updated_at: at(3n),
      updated_position: 3n,
    },
  ]);
});

test("ChaptersPublished keeps the chapters apart, and leaves the book as it was", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2]));
  expect(await books()).toEqual([unpublished]);
  expect(await seen()).toEqual([]);
  expect(await drafts()).toEqual(["1.1", "1.2"]);
});

test("BookPublished shows the edition with its totals and chapters", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2]), published(1, 2));
  expect(await books()).toEqual([
    {
      ...unpublished,
      edition: 1,
      chapters: 2,
      words: 200n,
      published_at: at(2n),
      grown_at: at(2n),
      updated_at: at(2n),
      updated_position: 2n,
    },
  ]);
  const facts = { book_id: bookId, volume: null, kind: "chapter", length: 120, words: 100 };
  expect(await store.rows(build, "chapters")).toEqual([
    { ...facts, no: 1, chapter_id: "chapter00001", title: "第1回", sha256: "11".padEnd(64, "0") },
    { ...facts, no: 2, chapter_id: "chapter00002", title: "第2回", sha256: "12".padEnd(64, "0") },
  ]);
  expect(await drafts()).toEqual([]);
});

test("a second edition keeps the time of the first publication, and the chapters that did not change", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2, 3]), published(1, 3));
  await happens(chaptersPublished(2, [2]), published(2, 3, { changed: [{ from: 2, to: 2 }] }));
  expect(await books()).toMatchObject([{ edition: 2, chapters: 3, published_at: at(2n), updated_at: at(4n) }]);
  expect(await seen()).toEqual(["1: 11", "2: 22", "3: 13"]);
});

test("a second edition is not seen before it is complete", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2, 3]), published(1, 3));
  await happens(chaptersPublished(2, [1, 2]));
  expect(await seen()).toEqual(["1: 11", "2: 12", "3: 13"]);
  await happens(published(2, 3, { changed: [{ from: 1, to: 2 }] }));
  expect(await seen()).toEqual(["1: 21", "2: 22", "3: 13"]);
});

test("with an edition go the chapters of those that were begun before it and never finished", async () => {
  await happens(catalogued(), chaptersPublished(1, [1]), published(1, 1), chaptersPublished(2, [1, 2]));
  await happens(chaptersPublished(3, [1]), published(3, 1, { replaces: 1 }));
  expect(await seen()).toEqual(["1: 31"]);
  expect(await drafts()).toEqual([]);
});

test("an edition of the first version of BookPublished has all its chapters anew", async () => {
  await happens(catalogued(), chaptersPublished(1, [1, 2]));
  const data = { edition: 1, digest: "d".repeat(64), totals: { chapters: 2, words: 200 } };
  const old = recorded(log++, `book-${bookId}`, { type: "BookPublished", data }, { schemaVersion: 1 });
  await applyBatch(store.store, codec, build, batchOf(build, 0, log - 2n, [old]));
  expect(await seen()).toEqual(["1: 11", "2: 12"]);
});

test("the chapters of other books stay", async () => {
  await happensTo("xiyouji00000", catalogued(), chaptersPublished(1, [1, 2]));
  await happens(catalogued(), chaptersPublished(1, [1]), published(1, 1), chaptersPublished(2, [1]), published(2, 1));
  expect(await seen()).toEqual(["1: 21"]);
  expect(await drafts()).toEqual(["1.1", "1.2"]);
});

test("BookWithdrawn and BookRestored mark the book", async () => {
  await happens(catalogued(), { type: "BookWithdrawn", data: { reason: "" } });
  expect(await books()).toEqual([{ ...unpublished, withdrawn_at: at(1n) }]);
  await happens({ type: "BookRestored", data: {} });
  expect(await books()).toEqual([unpublished]);
});

test("events of a book that was never catalogued do nothing", async () => {
  await happens(published(1, 3), { type: "BookWithdrawn", data: { reason: "" } }, { type: "BookRestored", data: {} });
  expect(await books()).toEqual([]);
});

test("titles are sorted by pinyin and tone, other letters as they are", () => {
  const titles = ["诡秘之主", "ABC杀人案", "斗破苍穹", "1984", "重庆森林", "斗罗大陆", "《红楼梦》"];
  const key = (title: string) => titleKeyOf(title);
  expect(titles.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))).toEqual([
    "1984",
    "ABC杀人案",
    "重庆森林",
    "斗罗大陆",
    "斗破苍穹",
    "诡秘之主",
    "《红楼梦》",
  ]);
});

test("a category's id is a hash of channel and names", () => {
  expect(categoryId("male", "玄幻")).toMatch(/^c[a-z0-9]{11}$/);
  expect(categoryId("male", "玄幻", "东方玄幻")).toMatch(/^s[a-z0-9]{11}$/);
  expect(new Set(["male", "female"].map((channel) => categoryId(channel, "玄幻"))).size).toBe(2);
});
