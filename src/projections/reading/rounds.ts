import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/** Each reader's rounds of each book: when each was started, if reported, and when the book was finished. */
export const rounds = defineReadModel({
  name: "rounds",
  version: 1,
  partitionKey: "reader",
  categories: ["rounds"],
  tables: {
    reading_rounds: {
      columns: {
        reader_id: "text",
        book_id: "text",
        round: "int4",
        began_at: "timestamptz?",
        finished_at: "timestamptz?",
      },
      primaryKey: ["reader_id", "book_id", "round"],
      indexes: ["(reader_id, finished_at, book_id, round) WHERE finished_at IS NOT NULL"],
    },
  },
  on: {
    ReadingRoundBegan: {
      keys: (event) => ({ reading_rounds: [roundKey(event)] }),
      project: ({ reading_rounds: [round] }, event) => ({
        reading_rounds: [
          { finished_at: round?.finished_at ?? null, ...roundKey(event), began_at: new Date(event.data.readAt) },
        ],
      }),
    },
    BookFinished: {
      keys: (event) => ({ reading_rounds: [roundKey(event)] }),
      project: ({ reading_rounds: [round] }, event) => ({
        reading_rounds: [
          { began_at: round?.began_at ?? null, ...roundKey(event), finished_at: new Date(event.data.readAt) },
        ],
      }),
    },
  },
});

function roundKey({ stream, data }: { readonly stream: string; readonly data: { bookId: string; round: number } }) {
  return { reader_id: idOf(stream), book_id: data.bookId, round: data.round };
}
