import type { View } from "./view.ts";

export const timePerBook: View = {
  name: "time_per_book",
  description: "A book that somebody read, with the attributes that it had at its last reading.",
  columns: { seconds: "Seconds of reading." },
  book: "book_id",
  sql: `SELECT book_id, arg_max(book_title, position) AS book_title, arg_max(book_channel, position) AS book_channel,
      arg_max(book_category, position) AS book_category, count(DISTINCT reader) AS readers, count(*) AS readings,
      sum(seconds)::BIGINT AS seconds
    FROM readings
    GROUP BY book_id`,
};

export const timePerChannel: View = {
  name: "time_per_channel",
  description: "A channel and a category, as of each reading: a book that was moved counts for both.",
  columns: { seconds: "Seconds of reading.", share: "Of all seconds; null if they are none." },
  sql: `SELECT book_channel, book_category, count(DISTINCT reader) AS readers, count(DISTINCT book_id) AS books,
      sum(seconds)::BIGINT AS seconds, sum(seconds) / nullif(sum(sum(seconds)) OVER (), 0) AS share
    FROM readings
    GROUP BY book_channel, book_category`,
};
