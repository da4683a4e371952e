import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, object, orNull, plain, text } from "../json.ts";

const views = viewsOf(library);

/** The chapter with this id in the published edition; any of them in one of an earlier release, which may have an id twice. */
const standing = (chapterId: string) => `
  SELECT standing.no FROM ${views.chapters} AS standing
  WHERE standing.book_id = place.book_id AND standing.chapter_id = ${chapterId} AND standing.no <= book.chapters
  LIMIT 1`;

/**
 * SQL for the current chapter number of a place, given a row `place` and its `book`: of its own chapter, or if that was removed
 * of the nearest one before it, 0 if there is none. Null if the library does not have the book or its chapters yet. A
 * chapter beyond the end of an edition that did not say how long the one before was (version 2 of BookPublished) is taken to be behind
 * the last one. A chapter that the library does not have yet keeps its old number.
 */
export const currentNo = `coalesce(
  (${standing("place.chapter_id")}),
  CASE WHEN book.chapters > 0 THEN coalesce(
    (WITH RECURSIVE gone (chapter_id, steps) AS (
       SELECT place.chapter_id, 0
       UNION ALL
       SELECT last.before_chapter_id, gone.steps + 1
       FROM gone
       CROSS JOIN LATERAL (
         SELECT taken.before_chapter_id FROM ${views.gone_chapters} AS taken
         WHERE taken.book_id = place.book_id AND taken.chapter_id = gone.chapter_id
         ORDER BY taken.edition DESC LIMIT 1) AS last
       WHERE gone.steps < 1000 AND NOT EXISTS (${standing("gone.chapter_id")}))
     SELECT CASE WHEN gone.chapter_id IS NULL THEN 0 ELSE least(nearest.no, book.chapters) END
     FROM gone
     LEFT JOIN LATERAL (
       SELECT known.no FROM ${views.chapters} AS known
       WHERE known.book_id = place.book_id AND known.chapter_id = gone.chapter_id
       ORDER BY known.no LIMIT 1) AS nearest ON true
     WHERE gone.chapter_id IS NULL OR nearest.no IS NOT NULL
     ORDER BY gone.steps DESC LIMIT 1),
    least(place.chapter_no, book.chapters)) END)`;

/**
 * SQL for the number of the chapter in which a place is shown, given its current number and its `book`: the first chapter, if the book has
 * none before the place any more; 0 in a book without chapters. Names `no` once, since Postgres would compute it each time.
 */
export const shownNo = (no: string): string => `least(greatest(${no}, 1), book.chapters)`;

/**
 * A subquery of places in the current edition: an offset beyond the chapter's end becomes its end, and a place in a removed
 * chapter becomes the end of the nearest chapter before it. `from` has a table of places named `place`; `where` refers to its
 * columns; `more` lists additional columns.
 */
export function placed(from: string, where: string, more: readonly string[] = []): string {
  const columns = ["place.reader_id", "place.book_id", ...more.map((column) => `place.${column}`)];
  return `(
    SELECT ${columns.join(", ")},
           coalesce(chapter.chapter_id, place.chapter_id) AS chapter_id, chapter.title,
           coalesce(chapter.no, place.chapter_no) AS no, book.chapters,
           CASE WHEN chapter.chapter_id IS NULL THEN place.chapter_offset
                WHEN at.no = 0 THEN 0
                WHEN chapter.chapter_id = place.chapter_id THEN least(place.chapter_offset, chapter.length)
                ELSE chapter.length END AS chapter_offset
    FROM ${from} AS place
    LEFT JOIN ${views.books} AS book ON book.book_id = place.book_id
    CROSS JOIN LATERAL (SELECT ${currentNo} AS no) AS at
    LEFT JOIN ${views.chapters} AS chapter ON chapter.book_id = place.book_id AND chapter.no = ${shownNo("at.no")}
    WHERE ${where})`;
}

/** A join for `placed`: the percentage of the book's UTF-16 units before the place, rounded down. */
export const counted = `LEFT JOIN LATERAL (
  SELECT trim_scale(floor(10000::numeric
           * (coalesce(sum(part.length) FILTER (WHERE part.no < placed.no), 0) + placed.chapter_offset)
           / nullif(sum(part.length), 0)) / 100) AS percentage
  FROM ${views.chapters} AS part
  WHERE part.book_id = placed.book_id AND part.no <= placed.chapters) AS counted ON true`;

/** The fields of a place, from `placed`. */
export const whereFields = {
  chapterId: plain("placed.chapter_id"),
  no: bare("placed.no"),
  title: orNull(text, "placed.title"),
  offset: bare("placed.chapter_offset"),
};

/** A place reported by a device, from `placed` and `counted`. */
export const reportedPlace = object({
  ...whereFields,
  percentage: orNull(bare, "counted.percentage"),
  deviceId: text("placed.device_id"),
  readAt: instant("placed.read_at"),
});
