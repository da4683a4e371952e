import { isDeepStrictEqual } from "node:util";
import type { Decider } from "../decider.ts";
import { type ComparedChapter, continuesEdition } from "./compareEditions.ts";
import { type Editions, evolveEditions, nextStep, type OfferedChapter } from "./edition.ts";
import type { CataloguedBook, LibraryEvent } from "./events.ts";
import type { BookRefusal } from "./refusals.ts";

/** A book: its catalogue data, its editions, and whether it is withdrawn. */
export type Book = Editions & { readonly catalogued?: CataloguedBook; readonly withdrawn?: true };

export type LibraryCommand =
  /**
   * Of a book that is catalogued already, only the fields `known` change, by default all; with another category the
   * sub-category does too.
   */
  | {
      readonly type: "CatalogueBook";
      readonly book: CataloguedBook;
      readonly known?: readonly (keyof CataloguedBook)[] | undefined;
    }
  /** One step of publishing. Send the whole edition repeatedly until no event is appended. */
  | { readonly type: "PublishEdition"; readonly digest: string; readonly chapters: readonly OfferedChapter[] }
  /** Checks whether these chapters are a new edition of the published book. Appends nothing. */
  | { readonly type: "CompareEdition"; readonly chapters: readonly ComparedChapter[] }
  | { readonly type: "WithdrawBook"; readonly reason: string }
  | { readonly type: "RestoreBook" };

export const libraryDecider: Decider<Book, LibraryCommand, LibraryEvent, BookRefusal> = {
  initialState: {},

  evolve(book, event) {
    switch (event.type) {
      case "BookCatalogued":
        return { ...book, catalogued: event.data };
      case "ChaptersPublished":
      case "BookPublished": {
        const { draft: _, ...kept } = book;
        return { ...kept, ...evolveEditions(book, event) };
      }
      case "BookWithdrawn":
        return { ...book, withdrawn: true };
      case "BookRestored": {
        const { withdrawn: _, ...kept } = book;
        return kept;
      }
    }
  },

  decide(command, book) {
    if (command.type === "CatalogueBook") {
      const after = withKnown(book.catalogued, command);
      return isDeepStrictEqual(book.catalogued, after) ? [] : [{ type: "BookCatalogued", data: after }];
    }
    if (command.type === "CompareEdition") {
      if (continuesEdition(book.published, command.chapters)) return [];
      const { title = "?", author = "?" } = book.catalogued ?? {};
      return { refused: "book_differs", detail: `Most chapters of 《${title}》 by ${author} would be replaced.` };
    }
    if (book.catalogued === undefined) {
      const isPublished = command.type === "PublishEdition";
      return {
        refused: "book_not_catalogued",
        detail: isPublished ? "Catalogue the book first." : "There is no such book.",
      };
    }
    switch (command.type) {
      case "PublishEdition":
        return nextStep(book, command.digest, command.chapters);
      case "WithdrawBook":
        return book.withdrawn ? [] : [{ type: "BookWithdrawn", data: { reason: command.reason } }];
      case "RestoreBook":
        return book.withdrawn ? [{ type: "BookRestored", data: {} }] : [];
    }
  },
};

function withKnown(
  before: CataloguedBook | undefined,
  { book, known }: Extract<LibraryCommand, { type: "CatalogueBook" }>,
): CataloguedBook {
  if (before === undefined || known === undefined) return book;
  const moved = known.includes("category") && book.category !== before.category;
  const changed: readonly (keyof CataloguedBook)[] = moved ? [...known, "subCategory"] : known;
  return { ...before, ...Object.fromEntries(changed.map((field) => [field, book[field]])) };
}
