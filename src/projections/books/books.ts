import { wordsAfterCataloguing } from "../../domain/library/words.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";
import { categoryId, subCategoryId } from "../library/categoryId.ts";
import { bookDocument } from "./document.ts";
import { booksIndex } from "./index.ts";

/** The books as they are searched. Withdrawn books are in the index too, but not visible. */
export const books = defineReadModel({
  name: "books",
  version: 4,
  partitionKey: "book",
  categories: ["book"],
  tables: {
    books: {
      columns: {
        book_id: "text",
        title: "text",
        author: "text",
        intro: "text",
        channel: "text",
        category: "text",
        category_id: "text",
        sub_category: "text?",
        sub_category_id: "text?",
        status: "text",
        /** Of the published edition, else as stated by the source. */
        words: "int8?",
        edition: "int4?",
        updated_at: "timestamptz",
        withdrawn_at: "timestamptz?",
      },
      primaryKey: ["book_id"],
    },
  },
  index: { ...booksIndex, numbers: ["heat", "shelves"], document: bookDocument },
  on: {
    BookCatalogued: {
      keys: ({ stream }) => ({ books: [{ book_id: idOf(stream) }] }),
      // Column by column: a rebuild does this for each event, and spreads of three objects take V8 ten times as long.
      project: ({ books: [book] }, { stream, created, data }) => {
        const { title, author, intro, channel, category, subCategory, status } = data;
        return {
          books: [
            {
              book_id: idOf(stream),
              title,
              author,
              intro,
              channel,
              category,
              category_id: categoryId(channel, category),
              sub_category: subCategory,
              sub_category_id: subCategoryId(channel, category, subCategory),
              status,
              words: wordsAfterCataloguing(book, data.words),
              edition: book?.edition ?? null,
              updated_at: created,
              withdrawn_at: book?.withdrawn_at ?? null,
            },
          ],
        };
      },
    },
    BookPublished: {
      keys: ({ stream }) => ({ books: [{ book_id: idOf(stream) }] }),
      project: ({ books: [book] }, { created, data: { edition, totals } }) => ({
        books: [book && { ...book, edition, words: BigInt(totals.words), updated_at: created }],
      }),
    },
    BookWithdrawn: {
      keys: ({ stream }) => ({ books: [{ book_id: idOf(stream) }] }),
      project: ({ books: [book] }, { created }) => ({ books: [book && { ...book, withdrawn_at: created }] }),
    },
    BookRestored: {
      keys: ({ stream }) => ({ books: [{ book_id: idOf(stream) }] }),
      project: ({ books: [book] }) => ({ books: [book && { ...book, withdrawn_at: null }] }),
    },
  },
});
