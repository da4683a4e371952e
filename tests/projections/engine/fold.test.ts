import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DomainEvent } from "../../../src/domain/event.ts";
import type { DecodedEvent } from "../../../src/event-store/types.ts";
import { type Changes, noRows } from "../../../src/projections/engine/core/changes.ts";
import {
  defineReadModel,
  type ReadModel,
  type Row,
  type Table,
} from "../../../src/projections/engine/core/declaration.ts";
import { fold, foldedTables, rowsToLoad } from "../../../src/projections/engine/core/fold.ts";
import { HandlerFailed, planStep, type Step } from "../../../src/projections/engine/core/plan.ts";
import { keyText } from "../../../src/projections/engine/core/rowKeys.ts";
import { library } from "../../../src/projections/library/library.ts";
import { added, decoded, recorded, tallyOf } from "../fixtures.ts";
import { catalogued, chaptersPublished, published } from "../libraryEvents.ts";

type Tables = Map<string, Map<string, Row>>;

function stepsOf(readModel: ReadModel, events: readonly DecodedEvent[]): Step[] {
  return events.map((event) => planStep(readModel, event)).filter((step) => step !== undefined);
}

/** What Postgres would contain after the changes: first the wipes, then the rows. */
function write(readModel: ReadModel, tables: Tables, changes: Changes): Tables {
  const written: Tables = new Map();
  for (const [name, table] of Object.entries(readModel.tables)) {
    const rows = new Map(tables.get(name));
    const change = changes.get(name);
    for (const wipe of change?.wipes ?? []) {
      for (const [text, row] of rows) {
        if (Object.entries(wipe.pattern).every(([column, value]) => row[column] === value)) rows.delete(text);
      }
    }
    for (const { key, row } of change?.rows.values() ?? []) {
      if (row === null) rows.delete(keyText(table, key));
      else rows.set(keyText(table, row), row);
    }
    written.set(name, rows);
  }
  return written;
}

/** The empty tables of the library. */
const noBooks: Tables = new Map(Object.keys(library.tables).map((name) => [name, new Map()]));

const foldAll = (readModel: ReadModel, tables: Tables, events: readonly DecodedEvent[]) =>
  write(readModel, tables, fold(readModel, stepsOf(readModel, events), { rows: tables }));

const books = ["hongloumeng0", "xiyouji00000"];
const somethingOfTheLibrary: fc.Arbitrary<{ stream: string; event: DomainEvent }> = fc
  .record({
    book: fc.constantFrom(...books),
    kind: fc.constantFrom("catalogue", "chapters", "chapters", "publish"),
    edition: fc.integer({ min: 1, max: 3 }),
    chapters: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
  })
  .map(({ book, kind, edition, chapters }) => {
    const stream = `book-${book}`;
    if (kind === "catalogue") return { stream, event: catalogued({ intro: `intro ${edition}` }) };
    if (kind === "chapters") return { stream, event: chaptersPublished(edition, chapters) };
    return { stream, event: published(edition, chapters.length, { replaces: 0 }) };
  });

test("no two keys have the same text, whatever is in their columns", () => {
  const table: Table = { columns: { a: "text", b: "text", c: "int8" }, primaryKey: ["a", "b", "c"] };
  const text = fc.string({ unit: fc.constantFrom("1", "2", ":", ",", "a", '"') });
  const key = fc.record({ a: text, b: text, c: fc.bigInt({ min: -12n, max: 12n }) });
  fc.assert(
    fc.property(key, key, (one, other) => {
      const alike = one.a === other.a && one.b === other.b && one.c === other.c;
      expect(keyText(table, one) === keyText(table, other)).toBe(alike);
    }),
    { numRuns: 1_000 },
  );
});

describe("a batch that is folded at once", () => {
  test("leaves what its events leave one by one, wipes and rows that come back included", () => {
    fc.assert(
      fc.property(fc.array(somethingOfTheLibrary, { maxLength: 30 }), fc.nat(30), (happened, already) => {
        const events = happened.map(({ stream, event }, index) => decoded(recorded(BigInt(index), stream, event)));
        const oneByOne = (tables: Tables, more: readonly DecodedEvent[]) =>
          more.reduce((before, event) => foldAll(library, before, [event]), tables);
        const before = oneByOne(noBooks, events.slice(0, already));
        const rest = events.slice(already);
        expect(foldAll(library, before, rest)).toEqual(oneByOne(before, rest));
      }),
      { numRuns: 300 },
    );
  });

  test("writes a row once, however many events change it", () => {
    const tally = tallyOf("tally");
    const events = [1n, 2n, 3n].map((position) => decoded(added(position, "reader1")));
    const before = { reader_id: "reader1", added: 4, last_book: "x" };
    const loaded = new Map([["tallies", new Map([[keyText(tally.tables.tallies as Table, before), before]])]]);
    const changes = fold(tally, stepsOf(tally, events), { rows: loaded });
    expect([...(changes.get("tallies")?.rows.values() ?? [])]).toEqual([
      { key: { reader_id: "reader1" }, row: { reader_id: "reader1", added: 7, last_book: "hongloumeng0" }, at: 3n },
    ]);
  });
});

describe("a wipe", () => {
  const seen: (Row | undefined)[] = [];
  /** Removing a book first wipes all rows of the reader, and then reads the book's own row. */
  const wiper = defineReadModel({
    name: "wiper",
    version: 1,
    partitionKey: "reader",
    categories: ["shelf"],
    tables: { marks: { columns: { reader_id: "text", book_id: "text" }, primaryKey: ["reader_id", "book_id"] } },
    on: {
      BookAddedToShelf: {
        keys: (event) => ({ marks: [{ reader_id: "reader1", book_id: event.data.bookId }] }),
        project: (_, event) => ({ marks: [{ reader_id: "reader1", book_id: event.data.bookId }] }),
      },
      BookRemovedFromShelf: {
        wipe: () => ({ marks: [{ reader_id: "reader1" }] }),
        keys: (event) => ({ marks: [{ reader_id: "reader1", book_id: event.data.bookId }] }),
        project: ({ marks }) => {
          seen.push(...marks);
          return {};
        },
      },
    },
  });
  const on = (position: bigint, bookId: string) => decoded(added(position, "reader1", bookId));
  const off = (position: bigint, bookId: string) =>
    decoded(recorded(position, "shelf-reader1", { type: "BookRemovedFromShelf", data: { bookId } }));
  const [dream = "", west = ""] = books;
  const marks = (...bookIds: string[]): Tables =>
    new Map([
      [
        "marks",
        new Map(
          bookIds.map((book_id) => {
            const row = { reader_id: "reader1", book_id };
            return [keyText(wiper.tables.marks, row), row];
          }),
        ),
      ],
    ]);

  test("takes the rows that were there, and the event's own handler no longer sees them", () => {
    seen.length = 0;
    expect(foldAll(wiper, marks(dream, west), [off(1n, dream)])).toEqual(marks());
    expect(seen).toEqual([undefined]);
  });

  test("takes the rows of earlier events of the batch, not those of later ones", () => {
    seen.length = 0;
    const after = foldAll(wiper, marks(), [on(1n, dream), off(2n, dream), on(3n, west)]);
    expect(after).toEqual(marks(west));
    expect(seen).toEqual([undefined]);
  });

  test("that is undone leaves the rows as changed by the events before it, at their positions", () => {
    const failing = {
      ...wiper.on.BookRemovedFromShelf,
      project: () => {
        throw new Error("cannot remove");
      },
    };
    const model = { ...wiper, on: { ...wiper.on, BookRemovedFromShelf: failing } } as ReadModel;
    const tables = foldedTables(model);
    for (const step of stepsOf(model, [on(10n, dream)])) tables.apply(step, noRows);
    for (const step of stepsOf(model, [off(20n, dream)]))
      expect(() => tables.apply(step, noRows)).toThrow(HandlerFailed);
    expect([...(tables.changes().get("marks")?.rows.values() ?? [])]).toEqual([
      { key: { reader_id: "reader1", book_id: dream }, row: { reader_id: "reader1", book_id: dream }, at: 10n },
    ]);
    expect(tables.changes().get("marks")?.wipes).toEqual([]);
    expect(tables.size()).toBe(1);
  });
});

describe("an author's mistake stops the event", () => {
  const mistaken = (keys: Row, row: Row) => {
    const model = tallyOf("tally");
    const handler = { keys: () => ({ tallies: [keys] }), project: () => ({ tallies: [row] }) };
    return { ...model, on: { BookAddedToShelf: handler } };
  };
  const event = decoded(added(9n, "reader1"));
  const own = { reader_id: "reader1" };

  test("when it names a row of a foreign partition key", () => {
    const model = mistaken({ reader_id: "reader2" }, own);
    expect(() => planStep(model, event)).toThrow(HandlerFailed);
    expect(() => planStep(model, event)).toThrow(
      "BookAddedToShelf at 9: a row of tallies has reader_id reader2, not the event's reader1",
    );
  });

  test("when it returns another row than it named", () => {
    const model = mistaken(own, { reader_id: "reader2", added: 1, last_book: "x" });
    expect(() => fold(model, stepsOf(model, [event]), noRows)).toThrow(HandlerFailed);
  });

  test("when it throws, and says where", () => {
    const model = tallyOf("tally", () => {
      throw new Error("cannot count");
    });
    expect(() => fold(model, stepsOf(model, [event]), noRows)).toThrow("BookAddedToShelf at 9: cannot count");
  });
});

describe("a handler that overwrites", () => {
  const on = (overwrites: boolean, rows: readonly (Row | null)[]): ReadModel => ({
    ...tallyOf("tally"),
    on: {
      ...tallyOf("tally").on,
      BookRemovedFromShelf: {
        overwrites,
        keys: ({ stream }) => ({ tallies: [{ reader_id: stream.slice("shelf-".length) }] }),
        project: (given) => {
          seen.push(given.tallies ?? []);
          return { tallies: rows };
        },
      },
    },
  });
  const seen: (readonly (Row | undefined)[])[] = [];
  const removed = (position: bigint, reader: string) =>
    decoded(recorded(position, `shelf-${reader}`, { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } }));
  const plus = (position: bigint, reader: string) => decoded(added(position, reader));
  const keys = (model: ReadModel, events: readonly DecodedEvent[]) =>
    [...(rowsToLoad(model, stepsOf(model, events)).get("tallies") ?? [])].map(({ reader_id }) => reader_id);

  test("lets neither its rows be read, nor those of later events that it has written", () => {
    const model = on(true, [null]);
    expect(keys(model, [removed(1n, "a"), plus(2n, "a"), plus(3n, "b")])).toEqual(["b"]);
    expect(keys(model, [plus(1n, "a"), removed(2n, "a")])).toEqual(["a"]);
    expect(keys(on(false, [null]), [removed(1n, "a")])).toEqual(["a"]);
  });

  test("is given no rows, however the batch was cut, and must name each that it touches", () => {
    seen.length = 0;
    fold(on(true, [null]), stepsOf(on(true, [null]), [plus(1n, "a"), removed(2n, "a")]), noRows);
    expect(seen).toEqual([[]]);
    const leaves = on(true, []);
    expect(() => fold(leaves, stepsOf(leaves, [removed(1n, "a")]), noRows)).toThrow(HandlerFailed);
  });
});
