import { withoutRepeats } from "./repeats.ts";
import type { View } from "./view.ts";

export const completion: View = {
  name: "completion",
  description: "A book that somebody read.",
  columns: {
    finished: "Readers of whom a `BookFinished` says so.",
    at_the_end: "Readers who were in the last chapter that the book had then.",
    share: "Of `readers`, those of whom a `BookFinished` says so. One may finish a book without reading on.",
  },
  book: "book_id",
  sql: `WITH read AS (
      SELECT book_id, arg_max(book_title, position) AS book_title, count(DISTINCT reader) AS readers,
        count(DISTINCT reader) FILTER (book_chapters > 0 AND chapter_no >= book_chapters) AS at_the_end
      FROM ${withoutRepeats} WHERE type = 'ReadingProgressed' GROUP BY book_id
    ), done AS (
      SELECT book_id, count(finishers.reader) AS finished, count(readers.reader) AS finished_readers
      FROM (SELECT DISTINCT book_id, reader FROM events WHERE type = 'BookFinished') finishers
      LEFT JOIN (SELECT DISTINCT book_id, reader FROM events WHERE type = 'ReadingProgressed') readers USING (book_id, reader)
      GROUP BY book_id
    )
    SELECT book_id, book_title, readers, coalesce(finished, 0) AS finished, at_the_end,
      coalesce(finished_readers, 0) / nullif(readers, 0) AS share
    FROM read LEFT JOIN done USING (book_id)`,
};
