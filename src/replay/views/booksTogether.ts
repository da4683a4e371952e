import type { View } from "./view.ts";

/**
 * The pairs of books with titles and readers, and of who read which. Pairs are counted by numbers: by ids it takes several times as
 * long.
 */
export const pairsOf = (books: string, read: string): string =>
  `WITH counted AS (${books}), books AS (
      SELECT *, row_number() OVER (ORDER BY book_id)::INTEGER AS n FROM counted
    ), readers_of AS (
      SELECT dense_rank() OVER (ORDER BY reader)::INTEGER AS who, n FROM (${read}) JOIN books USING (book_id)
    ), pairs AS (
      SELECT a.n AS a, b.n AS b, count(*) AS readers
      FROM readers_of a JOIN readers_of b ON a.who = b.who AND a.n < b.n
      GROUP BY a.n, b.n
    )
    SELECT a.book_id AS book_a, a.title AS title_a, b.book_id AS book_b, b.title AS title_b, pairs.readers, a.readers AS readers_a,
      b.readers AS readers_b, pairs.readers / (a.readers + b.readers - pairs.readers) AS jaccard,
      pairs.readers * (SELECT max(who) FROM readers_of) / (a.readers * b.readers) AS lift
    FROM pairs JOIN books a ON a.n = pairs.a JOIN books b ON b.n = pairs.b`;

/** Lift as in association rules (Brin et al., 1997): how much more often than if readers chose the two independently. */
export const booksTogether: View = {
  name: "books_together",
  description:
    "Two books that at least one reader read both of; each pair once. Ask for the pairs with many readers: `WHERE readers >= 20`.",
  columns: {
    book_a: "The smaller id of the two.",
    readers: "Readers of both.",
    readers_a: "Readers of the first.",
    jaccard: "Readers of both, of those who read either.",
    lift: "1: as if readers chose them independently; more: they go together.",
  },
  sql: pairsOf(
    "SELECT book_id, arg_max(book_title, position) AS title, count(DISTINCT reader) AS readers FROM readings GROUP BY book_id",
    "SELECT DISTINCT reader, book_id FROM readings",
  ),
};
