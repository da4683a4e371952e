import { beforeEach, describe, expect, test } from "vitest";
import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { catalogueBook } from "../../src/commands/library/catalogueBook.ts";
import { dream, dreamOfTheCatalogue, newContext, newProcess } from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

let store: InMemoryEventStore;
beforeEach(() => {
  store = inMemoryEventStore();
});
const catalogue = () =>
  catalogueBook({ handleCommand: newProcess(store) }, { bookId: dream, book: dreamOfTheCatalogue }, newContext());
const lookUps = () => store.reads.length;

describe("whether a book exists", () => {
  test("is read once for all who ask at the same time, and then known", async () => {
    await catalogue();
    store.reads.length = 0;
    const bookExists = createBookExists(store);
    expect(await Promise.all([1, 2, 3, 4].map(() => bookExists(dream)))).toEqual([true, true, true, true]);
    expect(await bookExists(dream)).toBe(true);
    expect(lookUps()).toBe(1);
  });

  test("is read again by who asked during a read that found nothing", async () => {
    const bookExists = createBookExists(store);
    const early = bookExists(dream);
    const late = catalogue().then(() => bookExists(dream));
    expect([await early, await late]).toEqual([false, true]);
  });

  test("is never remembered when it does not", async () => {
    const bookExists = createBookExists(store);
    expect(await bookExists(dream)).toBe(false);
    expect(await bookExists(dream)).toBe(false);
    expect(lookUps()).toBe(2);
  });
});
