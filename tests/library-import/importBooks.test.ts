import { expect, test } from "vitest";
import { CommandRefused, StreamDeleted } from "../../src/commands/errors.ts";
import type { HandleCommand } from "../../src/commands/types.ts";
import { nameOf } from "../../src/domain/streamNames.ts";
import type { ImportDependencies, ImportResult } from "../../src/library-import/importBook.ts";
import { importBooks } from "../../src/library-import/importBooks.ts";
import type { ParsedBook } from "../../src/library-import/parsedBook.ts";

/** A book of a catalogue, or with `chapters` one with text. */
const book = (id: string, chapters = 0): ParsedBook => ({
  title: `书${id}`,
  author: "某人",
  intro: undefined,
  channel: undefined,
  category: undefined,
  status: undefined,
  source: { name: "qidian", id },
  chapters: Array.from({ length: chapters }, (_, index) => ({
    no: index + 1,
    title: `第${index + 1}章`,
    volume: null,
    kind: "chapter",
    text: "正文。",
  })),
});

/** A library that accepts every command, after a turn of the event loop. */
function library() {
  const seen: { stream: string; command: { type: string } }[] = [];
  let open = 0;
  let maxOpen = 0;
  const handleCommand: HandleCommand = async (stream, id, command) => {
    open += 1;
    maxOpen = Math.max(maxOpen, open);
    await new Promise(setImmediate);
    open -= 1;
    if ((command as { type: string }).type !== "CompareEdition")
      seen.push({ stream: nameOf(stream, id), command: command as { type: string } });
    const { type } = command as { type: string };
    const events = type === "CompareEdition" ? [] : [type === "CatalogueBook" ? "BookCatalogued" : "BookPublished"];
    return {
      outcome: events.length === 0 ? "unchanged" : "appended",
      position: null,
      revision: null,
      events,
      consistencyToken: null,
    };
  };
  const deps: ImportDependencies = {
    handleCommand,
    storeTexts: async () => 0,
    storeCover: async () => "c".repeat(64),
    publishedChapters: async () => ({ edition: 0, chapters: [] }),
    bookOfFile: async () => undefined,
    rememberFile: async () => {},
  };
  return { deps, seen, open: () => open, maxOpen: () => maxOpen };
}

async function* from(books: readonly ParsedBook[]): AsyncGenerator<ParsedBook> {
  yield* books;
}

test("books of a catalogue are catalogued several at once, books with text alone", async () => {
  const { deps, seen, maxOpen } = library();
  const done: ImportResult[] = [];
  const books = [...Array.from({ length: 100 }, (_, id) => book(`${id}`)), book("text", 3)];
  await importBooks(deps, from(books), {}, (result) => done.push(result));
  expect(done).toHaveLength(101);
  expect(new Set(seen.map(({ stream }) => stream)).size).toBe(101);
  expect(maxOpen()).toBeGreaterThan(1);
  expect(maxOpen()).toBeLessThanOrEqual(33);
});

test("one source's id is another book than the same id of another source, and digits beyond 2^53 are kept", async () => {
  const { deps } = library();
  const ids: string[] = [];
  const books = [
    book("9007199254740993"),
    book("9007199254740992"),
    { ...book("9007199254740993"), source: { name: "zongheng", id: "9007199254740993" } },
  ];
  await importBooks(deps, from(books), {}, ({ bookId }) => ids.push(bookId));
  expect(new Set(ids).size).toBe(3);
});

test("a failure ends the import when what is under way has ended", async () => {
  const { deps, seen, open } = library();
  const failing: ImportDependencies = {
    ...deps,
    handleCommand: (stream, id, command, context) =>
      (command as { book?: { title: string } }).book?.title === "书3"
        ? Promise.reject(new Error("the store is away"))
        : deps.handleCommand(stream, id, command, context),
  };
  const books = Array.from({ length: 10 }, (_, id) => book(`${id}`));
  await expect(importBooks(failing, from(books), {}, () => {})).rejects.toThrow("the store is away");
  expect(seen.length).toBeLessThan(10);
  expect(open()).toBe(0);
});

test("a book that needs a decision, or that is refused, does not keep the others of its file from being imported", async () => {
  const { deps } = library();
  const refusing: ImportDependencies = {
    ...deps,
    handleCommand: async (stream, id, command, context) => {
      const { type, book } = command as { type: string; book?: { title: string } };
      if (type === "CompareEdition") throw new CommandRefused("book_differs", "is 《别的》");
      if (book?.title === "书4") throw new StreamDeleted("book-4");
      return deps.handleCommand(stream, id, command, context);
    },
  };
  const done: string[] = [];
  const left: string[] = [];
  const books = [book("1"), book("2", 3), book("3"), book("4"), book("5", 3), book("6")];
  const onLeftOut = (message: string) => left.push(message);
  const importing = importBooks(refusing, from(books), { onLeftOut }, ({ title }) => done.push(title));
  await expect(importing).rejects.toMatchObject({
    name: "NeedsDecision",
    option: "--replace",
    message: expect.stringMatching(/^2 of 6 books were not imported\. 《书2》: .*《书5》: /),
  });
  expect(done).toEqual(["书1", "书3", "书6"]);
  expect(left).toEqual(["《书4》 was left out: it was erased for good"]);
  const alone = importBooks(refusing, from([book("4")]), {}, () => {});
  await expect(alone).rejects.toThrow("《书4》 was erased for good");
});

test("a book that would replace another one says how much of its file is in it", async () => {
  const { deps } = library();
  const refusing: ImportDependencies = {
    ...deps,
    handleCommand: async () => {
      throw new CommandRefused("book_differs", "is 《别的》");
    },
  };
  const account = { read: 1_000, kept: 990, rule: "第…章", warnings: [] };
  const importing = importBooks(refusing, from([{ ...book("1", 3), account }]), {}, () => {});
  await expect(importing).rejects.toMatchObject({ name: "NeedsDecision", option: "--replace", account });
});

test("stops between two books when it is told to", async () => {
  const { deps, seen } = library();
  const stop = new AbortController();
  const books = Array.from({ length: 10 }, (_, id) => book(`${id}`, 1));
  const importing = importBooks(deps, from(books), { signal: stop.signal }, () => stop.abort(new Error("enough")));
  await expect(importing).rejects.toThrow("enough");
  expect(seen.map(({ command }) => command.type)).toEqual(["CatalogueBook", "PublishEdition"]);
});
