import { beforeEach, describe, expect, test } from "vitest";
import { catalogueBook } from "../../src/commands/library/catalogueBook.ts";
import { publishEdition } from "../../src/commands/library/publishEdition.ts";
import { restoreBook, withdrawBook } from "../../src/commands/library/withdrawBook.ts";
import { decodeConsistencyTokens } from "../../src/domain/consistencyToken.ts";
import type { OfferedChapter } from "../../src/domain/library/edition.ts";
import { dream as bookId, dreamOfTheCatalogue, newContext, newProcess } from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

const digest = "a".repeat(64);
const chapter = (no: number): OfferedChapter => ({
  newChapterId: `chapter${String(no).padStart(5, "0")}`,
  no,
  title: `第${no}回`,
  volume: null,
  kind: "chapter",
  sha256: String(no).padStart(64, "0"),
  length: 10,
  words: 9,
});

let store: InMemoryEventStore;
let here: { handleCommand: ReturnType<typeof newProcess> };
let there: typeof here;
beforeEach(() => {
  store = inMemoryEventStore();
  here = { handleCommand: newProcess(store) };
  there = { handleCommand: newProcess(store) };
});

const catalogue = (process: typeof here, book = dreamOfTheCatalogue) =>
  catalogueBook(process, { bookId, book }, newContext());
const publish = (process: typeof here, chapters: number) => {
  const offered = Array.from({ length: chapters }, (_, index) => chapter(index + 1));
  return publishEdition(process, { bookId, digest, chapters: offered }, newContext());
};
const withdraw = (process: typeof here) => withdrawBook(process, { bookId, reason: "" }, newContext());
const written = () => store.eventsOf(`book-${bookId}`).map(({ type }) => type);

describe("catalogueBook", () => {
  test("writes BookCatalogued and answers a token for the book's partitions", async () => {
    const { consistencyToken, position } = await catalogue(here);
    expect(store.log).toMatchObject([{ type: "BookCatalogued", stream: `book-${bookId}`, data: dreamOfTheCatalogue }]);
    expect(decodeConsistencyTokens(consistencyToken!)).toEqual([{ position, category: "book", books: [bookId] }]);
  });

  test("ignores what the catalogue says already", async () => {
    await catalogue(here);
    expect(await catalogue(here)).toMatchObject({ revision: 0n, events: [] });
    expect(written()).toEqual(["BookCatalogued"]);
  });

  test("corrects over what another process corrected", async () => {
    await catalogue(here);
    await catalogue(there, { ...dreamOfTheCatalogue, intro: "一" });
    expect(await catalogue(here, { ...dreamOfTheCatalogue, intro: "二" })).toMatchObject({ revision: 2n });
  });
});

describe("publishEdition", () => {
  test("writes the chapters and the edition in one append", async () => {
    await catalogue(here);
    expect(await publish(here, 2)).toMatchObject({ revision: 2n, events: ["ChaptersPublished", "BookPublished"] });
    expect(store.log.at(-1)!.data).toMatchObject({ edition: 1, digest, totals: { chapters: 2, words: 18 } });
  });

  test("goes on step by step, also where another process stopped", async () => {
    await catalogue(here);
    expect((await publish(here, 1001)).events).toEqual(["ChaptersPublished"]);
    expect((await publish(there, 1001)).events).toEqual(["ChaptersPublished"]);
    expect((await publish(here, 1001)).events).toEqual(["ChaptersPublished", "BookPublished"]);
    expect((await publish(here, 1001)).events).toEqual([]);
    expect(store.log.at(-1)!.data).toMatchObject({ totals: { chapters: 1001 }, changed: [{ from: 1, to: 1001 }] });
  });

  test("ignores an edition that is published", async () => {
    await catalogue(here);
    await publish(here, 2);
    expect(await publish(there, 2)).toMatchObject({ revision: 2n, events: [] });
  });

  test("is refused before the book is catalogued", async () => {
    await expect(publish(here, 1)).rejects.toMatchObject({ code: "book_not_catalogued" });
  });
});

describe("withdrawBook", () => {
  test("writes BookWithdrawn once, and restoreBook takes it back", async () => {
    await catalogue(here);
    expect((await withdraw(here)).events).toEqual(["BookWithdrawn"]);
    expect((await withdraw(there)).events).toEqual([]);
    expect((await restoreBook(here, { bookId }, newContext())).events).toEqual(["BookRestored"]);
    expect(written()).toEqual(["BookCatalogued", "BookWithdrawn", "BookRestored"]);
  });
});
