import { isDeepStrictEqual } from "node:util";
import type { Decider } from "../decider.ts";
import { type ComparedChapter, continuesEdition } from "./compareEditions.ts";
import { type Editions, evolveEditions, nextStep, type OfferedChapter } from "./edition.ts";
import type { CataloguedBook, LibraryEvent } from "./events.ts";
import type { BookRefusal } from "./refusals.ts";

/** A book: its catalogue data, its editions, and whether it is withdrawn. */
export type Book = Editions & { readonly catalogued?: CataloguedBook; readonly withdrawn?: true };

export type LibraryCommand =
  | { readonly type: "CatalogueBook"; readonly book: CataloguedBook }
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
      const same = isDeepStrictEqual(book.catalogued, command.book);
      return same ? [] : [{ type: "BookCatalogued", data: command.book }];
    }
    if (command.type === "CompareEdition") {
      if (continuesEdition(book.published, command.chapters)) return [];
      const { title = "?", author = "?" } = book.catalogued ?? {};
      return { refused: "book_differs", detail: `Most chapters of 《${title}》 by ${author} would be replaced.` };
    }
    if (book.catalogued === undefined) {
      return { refused: "book_not_catalogued", detail: "Catalogue the book first." };
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
