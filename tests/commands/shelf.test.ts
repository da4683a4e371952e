import { beforeEach, describe, expect, test } from "vitest";
import { BookNotFound } from "../../src/commands/errors.ts";
import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { catalogueBook } from "../../src/commands/library/catalogueBook.ts";
import { addBookToShelf } from "../../src/commands/shelf/addBookToShelf.ts";
import type { CommandContext } from "../../src/commands/types.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { dream, dreamOfTheCatalogue, newContext, newProcess, reader, shelf, west } from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

let store: InMemoryEventStore;
let here: ReturnType<typeof processWithShelf>;
let there: typeof here;

/** The shelf's commands as in one process. */
function processWithShelf() {
  const handleCommand = newProcess(store);
  const deps = { handleCommand, bookExists: createBookExists(store), capacity: 2 };
  return {
    handleCommand,
    add: (bookId: string, context: CommandContext = newContext()) =>
      addBookToShelf(deps, { readerId: reader, bookId }, context),
    remove: (bookId: string, context: CommandContext = newContext()) =>
      handleCommand(shelfStream, reader, { type: "RemoveBooksFromShelf", bookIds: [bookId] }, context),
  };
}

beforeEach(async () => {
  store = inMemoryEventStore();
  here = processWithShelf();
  there = processWithShelf();
  for (const bookId of [dream, west]) {
    await catalogueBook(here, { bookId, book: dreamOfTheCatalogue }, newContext());
  }
  store.reads.length = 0;
});

const onShelf = () => store.eventsOf(shelf).map(({ type, data }) => ({ type, data }));

describe("addBookToShelf", () => {
  test("writes BookAddedToShelf", async () => {
    expect(await here.add(dream)).toMatchObject({ revision: 0n, events: ["BookAddedToShelf"] });
    expect(onShelf()).toEqual([{ type: "BookAddedToShelf", data: { bookId: dream } }]);
  });

  test("ignores a book that is there", async () => {
    await here.add(dream);
    expect(await here.add(dream)).toMatchObject({ revision: 0n, events: [] });
    expect(onShelf()).toHaveLength(1);
  });

  test("is decided anew after a conflict", async () => {
    await here.add(dream);
    await there.add(west);
    await there.remove(dream);
    await there.remove(west);
    expect(await here.add(west)).toMatchObject({ revision: 4n, events: ["BookAddedToShelf"] });
  });

  test("rejects a book that the library does not have, until it has it", async () => {
    const unknown = "unknown00000";
    await expect(here.add(unknown)).rejects.toThrow(BookNotFound);
    expect(onShelf()).toEqual([]);
    await catalogueBook(there, { bookId: unknown, book: dreamOfTheCatalogue }, newContext());
    expect(await here.add(unknown)).toMatchObject({ events: ["BookAddedToShelf"] });
  });

  test("looks for a book once", async () => {
    await here.add(dream);
    await here.remove(dream);
    await here.add(dream);
    expect(store.reads.filter(({ stream }) => stream === `book-${dream}`)).toHaveLength(1);
  });

  test("refuses a third book on a shelf for two", async () => {
    await here.add(dream);
    await here.add(west);
    const third = "third0000000";
    await catalogueBook(here, { bookId: third, book: dreamOfTheCatalogue }, newContext());
    await expect(here.add(third)).rejects.toMatchObject({ code: "shelf_full" });
  });
});

describe("RemoveBooksFromShelf", () => {
  test("writes BookRemovedFromShelf", async () => {
    await here.add(dream);
    expect(await here.remove(dream)).toMatchObject({ revision: 1n, events: ["BookRemovedFromShelf"] });
    expect(onShelf().at(-1)).toEqual({ type: "BookRemovedFromShelf", data: { bookId: dream, correction: true } });
  });

  test("ignores a book that is not there", async () => {
    await here.add(west);
    expect(await here.remove(dream)).toMatchObject({ revision: 0n, events: [] });
    expect(onShelf()).toHaveLength(1);
  });

  test("finds after a conflict that another process removed the book", async () => {
    await here.add(dream);
    await there.remove(dream);
    expect(await here.remove(dream)).toMatchObject({ revision: 1n, events: [] });
    expect(onShelf()).toHaveLength(2);
  });
});
