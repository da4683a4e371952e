import { expect, test } from "vitest";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import { books } from "../../../src/projections/books/books.ts";
import { library } from "../../../src/projections/library/library.ts";
import { given } from "../../support/readModel.ts";
import { catalogued, published } from "../libraryEvents.ts";

const stream = "book-hongloumeng0";
const withdrawn: HeimaEvent = { type: "BookWithdrawn", data: { reason: "rights" } };
const restored: HeimaEvent = { type: "BookRestored", data: {} };
const numbers = { heat: 2, shelves: 1, asOf: new Date(0) };
const documentOf = (row: object | undefined) => row && books.index?.document(row as never, numbers as never);

test("a book is in the index as the catalogue has it, and not visible while it is withdrawn", () => {
  const at = (...events: readonly HeimaEvent[]) =>
    given(books, ...events.map((event) => [stream, event] as const)).rows("books")[0];
  const first = catalogued({ title: "红楼梦", author: "曹雪芹" }) as HeimaEvent;
  expect(at(first)).toMatchObject({ book_id: "hongloumeng0", title: "红楼梦", author: "曹雪芹", withdrawn_at: null });
  expect(documentOf(at(first))).toMatchObject({ bookId: "hongloumeng0", visible: true, heat: 2, shelves: 1 });
  expect(documentOf(at(first, withdrawn))).toMatchObject({ visible: false });
  expect(documentOf(at(first, withdrawn, restored))).toMatchObject({ visible: true });
  expect(at(withdrawn)).toBeUndefined();
});

test("its columns are those of the library's books, whatever happens to it", () => {
  const first = catalogued({ title: "红楼梦" }) as HeimaEvent;
  const second = catalogued({ title: "石头记", intro: "满纸荒唐言" }) as HeimaEvent;
  const edition = published(1, 2) as HeimaEvent;
  for (const events of [[first], [first, edition, second], [first, withdrawn, second], [first, edition, restored]]) {
    const all = events.map((event) => [stream, event] as const);
    const [own] = given(books, ...all).rows("books");
    const [theirs] = given(library, ...all).rows("books");
    expect(theirs).toMatchObject(own ?? {});
  }
});

test("every field of a book's document is in the mapping of the index", () => {
  const [row] = given(books, [stream, catalogued({}) as HeimaEvent]).rows("books");
  const properties = books.index?.mappings.properties ?? {};
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(documentOf(row) ?? {})));
  expect(Object.keys(documentOf(row) ?? {}).length).toBeGreaterThan(5);
});
