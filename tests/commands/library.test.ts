import { beforeEach, describe, expect, test } from "vitest";
import { catalogueBook } from "../../src/commands/library/catalogueBook.ts";
import { publishBook } from "../../src/commands/library/publishBook.ts";
import { publishChapters } from "../../src/commands/library/publishChapters.ts";
import { decodeConsistencyTokens } from "../../src/domain/consistencyToken.ts";
import type { OfferedChapter } from "../../src/domain/library/decider.ts";
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
const publish = (process: typeof here, ...chapters: OfferedChapter[]) =>
  publishChapters(process, { bookId, digest, chapters }, newContext());
const complete = (process: typeof here, chapters: number) =>
  publishBook(process, { bookId, digest, chapters }, newContext());
const written = () => store.eventsOf(`book-${bookId}`).map(({ type }) => type);

describe("catalogueBook", () => {
  test("writes BookCatalogued and answers a token for the book's lanes", async () => {
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

describe("publishChapters", () => {
  test("writes ChaptersPublished piece by piece", async () => {
    await catalogue(here);
    await publish(here, chapter(1), chapter(2));
    await publish(here, chapter(3));
    expect(written()).toEqual(["BookCatalogued", "ChaptersPublished", "ChaptersPublished"]);
    expect(store.log.at(-1)!.data).toMatchObject({ edition: 1, digest, totals: { chapters: 3, words: 27 } });
  });

  test("ignores a piece that is there", async () => {
    await catalogue(here);
    await publish(here, chapter(1), chapter(2));
    expect(await publish(here, chapter(1), chapter(2))).toMatchObject({ revision: 1n, events: [] });
  });

  test("finds after a conflict that another import published the piece", async () => {
    await catalogue(here);
    await publish(there, chapter(1));
    expect(await publish(here, chapter(1))).toMatchObject({ revision: 1n, events: [] });
    expect(written()).toEqual(["BookCatalogued", "ChaptersPublished"]);
  });

  test("is refused before the book is catalogued and out of order", async () => {
    await expect(publish(here, chapter(1))).rejects.toMatchObject({ code: "book_not_catalogued" });
    await catalogue(here);
    await expect(publish(here, chapter(2))).rejects.toMatchObject({ code: "chapters_out_of_order" });
  });
});

describe("publishBook", () => {
  test("writes BookPublished with the totals", async () => {
    await catalogue(here);
    await publish(here, chapter(1));
    expect(await complete(here, 1)).toMatchObject({ revision: 2n, events: ["BookPublished"] });
    expect(store.log.at(-1)!.data).toEqual({ edition: 1, digest, totals: { chapters: 1, words: 9 } });
  });

  test("ignores an edition that is published", async () => {
    await catalogue(here);
    await publish(here, chapter(1));
    await complete(here, 1);
    expect(await complete(here, 1)).toMatchObject({ revision: 2n, events: [] });
  });

  test("counts the chapters that another process published", async () => {
    await catalogue(here);
    await publish(here, chapter(1));
    await publish(there, chapter(2));
    expect(await complete(here, 2)).toMatchObject({ revision: 3n, events: ["BookPublished"] });
  });

  test("is refused while chapters are missing", async () => {
    await catalogue(here);
    await publish(here, chapter(1));
    await expect(complete(here, 2)).rejects.toMatchObject({ code: "edition_incomplete" });
  });
});
