import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/** The books that operators feature, by channel. */
export const featured = defineReadModel({
  name: "featured",
  version: 1,
  partitionKey: "book",
  categories: ["featured"],
  tables: {
    featured_books: {
      columns: { book_id: "text", channel: "text", place: "int4" },
      primaryKey: ["book_id", "channel"],
      indexes: ["(channel, place)"],
    },
  },
  on: {
    BookFeatured: {
      keys: (event) => ({ featured_books: [keyOf(event)] }),
      project: (_, event) => ({ featured_books: [{ ...keyOf(event), place: event.data.place }] }),
    },
    BookUnfeatured: {
      keys: (event) => ({ featured_books: [keyOf(event)] }),
      project: () => ({ featured_books: [null] }),
    },
  },
});

function keyOf({ stream, data }: { readonly stream: string; readonly data: { readonly bookId: string } }) {
  return { book_id: data.bookId, channel: idOf(stream) };
}
