import type { KeywordEvent } from "../../domain/keywords/events.ts";
import { keywordKey } from "../../domain/keywords/keywordKey.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

const dayMs = 86_400_000;

type Of<Type extends KeywordEvent["type"]> = {
  readonly stream: string;
  readonly created: Date;
  readonly position: bigint;
  readonly data: Extract<KeywordEvent, { type: Type }>["data"];
};

/**
 * The readers who searched for each keyword on each day (UTC, numbered from 1970-01-01), and each reader's search history. A
 * reader, or an address without a login, counts once per keyword and day. Keywords that a reader removed no longer count.
 */
export const keywords = defineReadModel({
  name: "keywords",
  version: 2,
  partitionKey: "reader",
  categories: ["search"],
  tables: {
    /**
     * For searches without a login `reader_id` is the id of the day's stream and `visitor` the pseudonym; for readers `visitor`
     * is "".
     */
    keyword_days: {
      columns: {
        reader_id: "text",
        visitor: "text",
        keyword: "text",
        day: "int4",
        /** As typed last, and whether a book matched; unknown counts as a match. */
        typed: "text",
        found: "bool",
      },
      primaryKey: ["reader_id", "visitor", "keyword", "day"],
      indexes: ["(day)", "(keyword, day)"],
    },
    own_keywords: {
      columns: { reader_id: "text", keyword: "text", typed: "text", searched_at: "timestamptz", position: "int8" },
      primaryKey: ["reader_id", "keyword"],
      indexes: ["(reader_id, position)"],
    },
  },
  on: {
    KeywordSearched: {
      keys: (event) => ({
        keyword_days: [dayKeyOf(event)],
        own_keywords: event.data.visitor === undefined ? [ownKeyOf(event)] : [],
      }),
      overwrites: true,
      project: (_, event) => {
        const { created, position, data } = event;
        const typed = data.keyword;
        return {
          keyword_days: [{ ...dayKeyOf(event), typed, found: data.results !== 0 }],
          own_keywords:
            data.visitor === undefined ? [{ ...ownKeyOf(event), typed, searched_at: created, position }] : [],
        };
      },
    },
    KeywordForgotten: {
      keys: () => ({}),
      project: () => ({}),
      wipe: (event) => ({ keyword_days: [ownKeyOf(event)], own_keywords: [ownKeyOf(event)] }),
    },
    SearchHistoryCleared: {
      keys: () => ({}),
      project: () => ({}),
      wipe: ({ stream }) => ({
        keyword_days: [{ reader_id: idOf(stream) }],
        own_keywords: [{ reader_id: idOf(stream) }],
      }),
    },
  },
});

function dayKeyOf({ stream, created, data }: Of<"KeywordSearched">) {
  return {
    reader_id: idOf(stream),
    visitor: data.visitor ?? "",
    keyword: keywordKey(data.keyword),
    day: keywordDayOf(created),
  };
}

function ownKeyOf({ stream, data }: Of<"KeywordSearched"> | Of<"KeywordForgotten">) {
  return { reader_id: idOf(stream), keyword: keywordKey(data.keyword) };
}

/** The number of a day in UTC: 0 is 1970-01-01. */
export function keywordDayOf(at: Date): number {
  return Math.floor(at.getTime() / dayMs);
}
