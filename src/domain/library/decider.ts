import { isDeepStrictEqual } from "node:util";
import type { Decider, Refusal } from "../decider.ts";
import { type ComparedChapter, continuesEdition } from "./compareEditions.ts";
import { type Editions, evolveEditions, nextStep, type OfferedChapter } from "./edition.ts";
import type { CataloguedBook, LibraryEvent } from "./events.ts";
import type { BookRefusal } from "./refusals.ts";

/** A book: its catalogue data, its editions, and whether it is withdrawn. */
export type Book = Editions & { readonly catalogued?: CataloguedBook; readonly withdrawn?: true };

export type LibraryCommand =
  /**
   * Of a book that is catalogued already, only the fields `known` change, by default all; with another category the
   * sub-category does too. Refused if it changes anything and the published edition is not `after`.
   */
  | {
      readonly type: "CatalogueBook";
      readonly book: CataloguedBook;
      readonly known?: readonly (keyof CataloguedBook)[] | undefined;
      readonly after?: number | undefined;
    }
  /**
   * One step of publishing. Send the whole edition repeatedly until no event is appended. Refused if another edition than `after` is
   * published: the chapters were made for that one, and compared with it.
   */
  | {
      readonly type: "PublishEdition";
      readonly digest: string;
      readonly chapters: readonly OfferedChapter[];
      readonly after?: number | undefined;
    }
  /** Checks whether these chapters are a new edition of the published one, `after`. Appends nothing. */
  | {
      readonly type: "CompareEdition";
      readonly chapters: readonly ComparedChapter[];
      readonly after?: number | undefined;
    }
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
      if (isDeepStrictEqual(book.catalogued, after)) return [];
      return editionChanged(book, command) ?? [{ type: "BookCatalogued", data: after }];
    }
    if (command.type === "CompareEdition") {
      const changed = editionChanged(book, command);
      if (changed !== undefined) return changed;
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
        if (book.published?.digest === command.digest) return [];
        return editionChanged(book, command) ?? nextStep(book, command.digest, command.chapters);
      case "WithdrawBook":
        return book.withdrawn ? [] : [{ type: "BookWithdrawn", data: { reason: command.reason } }];
      case "RestoreBook":
        return book.withdrawn ? [{ type: "BookRestored", data: {} }] : [];
    }
  },
};

/** The refusal of a command that was made for another edition than the published one. */
function editionChanged(
  book: Book,
  { after }: { readonly after?: number | undefined },
): Refusal<BookRefusal> | undefined {
  const { edition = 0 } = book.published ?? {};
  if (after === undefined || after === edition) return undefined;
  return { refused: "book_differs", detail: `Edition ${edition} is published, and no longer ${after}.` };
}

function withKnown(
  before: CataloguedBook | undefined,
  { book, known }: Extract<LibraryCommand, { type: "CatalogueBook" }>,
): CataloguedBook {
  if (before === undefined || known === undefined) return book;
  const moved = known.includes("category") && book.category !== before.category;
  const changed: readonly (keyof CataloguedBook)[] = moved ? [...known, "subCategory"] : known;
  return { ...before, ...Object.fromEntries(changed.map((field) => [field, book[field]])) };
}
