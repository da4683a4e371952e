import type { View } from "./view.ts";

/**
 * The searches among the events of a table, in which each reader has all events or none, and what became of them. A search that leads to
 * nothing within half an hour, as a session does, has led to nothing.
 */
export const searchesOf = (events: string): string =>
  `WITH searches AS (
      SELECT position, reader, happened_at, happened_day AS day,
        least(happened_at + INTERVAL 30 MINUTE,
          coalesce(lead(happened_at) OVER (PARTITION BY reader ORDER BY happened_at, position), 'infinity'::TIMESTAMP)) AS until
      FROM ${events} WHERE type = 'KeywordSearched' AND reader IS NOT NULL
    ), opens AS (
      SELECT s.position, o.book_id, min(o.happened_at) AS opened_at
      FROM searches s JOIN ${events} o ON o.type = 'BookOpened' AND o.reader = s.reader
        AND o.happened_at >= s.happened_at AND o.happened_at < s.until
      GROUP BY s.position, o.book_id
    ), shelves AS (
      SELECT DISTINCT opens.position
      FROM opens JOIN searches s ON s.position = opens.position JOIN ${events} a ON a.type = 'BookAddedToShelf'
        AND a.reader = s.reader AND a.book_id = opens.book_id
        AND a.happened_at >= opens.opened_at AND a.happened_at < s.until
    )
    SELECT position, reader, day, position IN (SELECT position FROM opens) AS opened,
      position IN (SELECT position FROM shelves) AS shelved
    FROM searches`;

/** The days of a table of such searches. */
export const conversionOf = (searches: string): string =>
  `SELECT day, count(*) AS searches, count(*) FILTER (found.opened) AS opened, count(*) FILTER (found.shelved) AS shelved,
      count(*) FILTER (found.opened) / count(*) AS open_share, count(*) FILTER (found.shelved) / count(*) AS shelf_share
    FROM ${searches} found
    GROUP BY day`;

export const searchConversion: View = {
  name: "search_conversion",
  description:
    "A day of China on which somebody searched: what became of the searches within 30 minutes, before the same reader's next search.",
  columns: {
    searches: "`KeywordSearched` of readers.",
    opened: "Searches after which the reader opened a book.",
    shelved: "Searches after which the reader opened a book and then put that book on the shelf.",
    open_share: "`opened` of `searches`.",
    shelf_share: "`shelved` of `searches`.",
  },
  day: "day",
  sql: conversionOf(`(${searchesOf("events")})`),
};
