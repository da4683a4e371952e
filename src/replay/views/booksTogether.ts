import type { View } from "./view.ts";

/** Lift as in association rules (Brin et al., 1997): how much more often than if readers chose the two independently. */
export const booksTogether: View = {
  name: "books_together",
  says: "Two books that at least one reader read both of; each pair once. Ask for the pairs with many readers: `WHERE readers >= 20`.",
  columns: {
    book_a: "The smaller id of the two.",
    readers: "Readers of both.",
    readers_a: "Readers of the first.",
    jaccard: "Readers of both, of those who read either.",
    lift: "1: as if readers chose them independently; more: they go together.",
  },
  sql: `WITH readers_of AS (
      SELECT DISTINCT reader, book_id FROM readings
    ), books AS (
      SELECT book_id, arg_max(book_title, position) AS title, count(DISTINCT reader) AS readers FROM readings GROUP BY book_id
    ), pairs AS (
      SELECT a.book_id AS book_a, b.book_id AS book_b, count(*) AS readers
      FROM readers_of a JOIN readers_of b ON a.reader = b.reader AND a.book_id < b.book_id
      GROUP BY a.book_id, b.book_id
    )
    SELECT book_a, a.title AS title_a, book_b, b.title AS title_b, pairs.readers, a.readers AS readers_a, b.readers AS readers_b,
      pairs.readers / (a.readers + b.readers - pairs.readers) AS jaccard,
      pairs.readers * (SELECT count(DISTINCT reader) FROM readings) / (a.readers * b.readers) AS lift
    FROM pairs JOIN books a ON a.book_id = book_a JOIN books b ON b.book_id = book_b`,
};
