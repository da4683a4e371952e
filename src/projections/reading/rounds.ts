import type { RoundsEvent } from "../../domain/reading/rounds/events.ts";
import { isLate } from "../../domain/reading/rounds/rounds.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/**
 * Each reader's rounds of each book: when each was started, if reported, and when the book was finished. `last_round_events` has the time
 * of each book's last event: late events, which earlier releases wrote, have no effect.
 */
export const rounds = defineReadModel({
  name: "rounds",
  version: 2,
  partitionKey: "reader",
  categories: ["rounds"],
  tables: {
    last_round_events: {
      columns: { reader_id: "text", book_id: "text", read_at: "timestamptz" },
      primaryKey: ["reader_id", "book_id"],
    },
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
    ReadingRoundBegan: roundHandler((readAt, round) => ({ began_at: readAt, finished_at: round?.finished_at ?? null })),
    BookFinished: roundHandler((readAt, round) => ({ began_at: round?.began_at ?? null, finished_at: readAt })),
  },
});

type EventOfRound = { readonly stream: string; readonly data: RoundsEvent["data"] };
type Times = { readonly began_at: Date | null; readonly finished_at: Date | null };
type Round = Times & { readonly reader_id: string; readonly book_id: string; readonly round: number };
type Rows = {
  readonly last_round_events: readonly ({ readonly read_at: Date } | undefined)[];
  readonly reading_rounds: readonly (Round | undefined)[];
};

/** Handles an event of a round, unless it is late. `timesOf` makes the round's times of those that it had. */
function roundHandler(timesOf: (readAt: Date, round: Times | undefined) => Times) {
  return {
    keys: (event: EventOfRound) => ({
      last_round_events: [bookKey(event)],
      reading_rounds: [roundKey(event)],
    }),
    project({ last_round_events: [last], reading_rounds: [round] }: Rows, event: EventOfRound) {
      const readAt = new Date(event.data.readAt);
      if (isLate(readAt.getTime(), last?.read_at.getTime())) return {};
      return {
        last_round_events: [{ ...bookKey(event), read_at: readAt }],
        reading_rounds: [{ ...roundKey(event), ...timesOf(readAt, round) }],
      };
    },
  };
}

function bookKey({ stream, data }: EventOfRound) {
  return { reader_id: idOf(stream), book_id: data.bookId };
}

function roundKey(event: EventOfRound) {
  return { ...bookKey(event), round: event.data.round };
}
