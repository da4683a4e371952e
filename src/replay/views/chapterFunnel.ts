import type { View } from "./view.ts";

/** The funnel of how far each reader came in each book (`chapter`), and of the books' titles. */
export const funnelOf = (furthest: string, books: string): string =>
  `WITH furthest AS (${furthest}), books AS (${books}), ends AS (
      SELECT book_id, chapter, count(*) AS readers FROM furthest GROUP BY book_id, chapter
    ), chapters AS (
      SELECT book_id, unnest(range(1, max(chapter) + 1)) AS chapter_no FROM furthest GROUP BY book_id
    ), counted AS (
      SELECT chapters.book_id, chapter_no,
        sum(coalesce(ends.readers, 0)) OVER (PARTITION BY chapters.book_id ORDER BY chapter_no DESC)::BIGINT AS readers
      FROM chapters LEFT JOIN ends ON ends.book_id = chapters.book_id AND ends.chapter = chapter_no
    )
    SELECT book_id, book_title, chapter_no, readers,
      readers / first(readers) OVER whole AS share,
      coalesce(lag(readers) OVER whole - readers, 0) AS lost
    FROM counted JOIN books USING (book_id)
    WINDOW whole AS (PARTITION BY book_id ORDER BY chapter_no)`;

export const chapterFunnel: View = {
  name: "chapter_funnel",
  description: "A chapter of a book, up to the last that anybody reached. Ask for one book: `WHERE book_id = '…'`.",
  columns: {
    readers: "Readers who came as far as this chapter, or further.",
    share: "Of all readers of the book.",
    lost: "Readers who came no further than the chapter before.",
  },
  book: "book_id",
  sql: funnelOf(
    "SELECT book_id, reader, max(chapter_no) AS chapter FROM readings GROUP BY book_id, reader",
    "SELECT book_id, arg_max(book_title, position) AS book_title FROM readings GROUP BY book_id",
  ),
};
