import type { Decider } from "../decider.ts";
import type { ShelfEvent } from "./events.ts";

/** A reader's shelf: the books on it, in the order in which they came. */
export type Shelf = { readonly books: ReadonlySet<string> };

export type ShelfCommand =
  | { readonly type: "AddBookToShelf"; readonly bookId: string; readonly capacity: number }
  | { readonly type: "RemoveBookFromShelf"; readonly bookId: string };

export const shelfDecider: Decider<Shelf, ShelfCommand, ShelfEvent> = {
  initialState: { books: new Set() },

  evolve(shelf, event) {
    const books = new Set(shelf.books);
    switch (event.type) {
      case "BookAddedToShelf":
        return { books: books.add(event.data.bookId) };
      case "BookRemovedFromShelf":
        books.delete(event.data.bookId);
        return { books };
    }
  },

  decide(command, shelf) {
    const { bookId } = command;
    switch (command.type) {
      case "AddBookToShelf":
        if (shelf.books.has(bookId)) return [];
        if (shelf.books.size >= command.capacity) {
          return { refused: "shelf_full", detail: `The shelf holds ${command.capacity} books; remove one first.` };
        }
        return [{ type: "BookAddedToShelf", data: { bookId } }];
      case "RemoveBookFromShelf":
        return shelf.books.has(bookId) ? [{ type: "BookRemovedFromShelf", data: { bookId } }] : [];
    }
  },
};
