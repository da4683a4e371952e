import type { View } from "./view.ts";

/**
 * The readings of a table of events that came before, by the id that the device gave them. Only hashes that come again are compared: numbering
 * all readings takes about twice as long and far more memory.
 */
export const repeatsOf = (events: string): string =>
  `SELECT position, reader, book_id
    FROM ${events}
    WHERE type = 'ReadingProgressed' AND entry_id IS NOT NULL AND hash(reader, entry_id) IN (
      SELECT hash(reader, entry_id) FROM ${events}
      WHERE type = 'ReadingProgressed' AND entry_id IS NOT NULL
      GROUP BY hash(reader, entry_id) HAVING count(*) > 1)
    QUALIFY row_number() OVER (PARTITION BY reader, entry_id ORDER BY position) > 1`;

/** A stream knows its last 500 entries: what a device sends again after more than that is recorded again. */
export const repeats: View = {
  name: "repeats",
  description:
    "A `ReadingProgressed` that a device sent again long after the first, and that counts in no view. Copies of before 1 December 2026 have no `entry_id` that would tell.",
  columns: { position: "Of the event that counts no more: `FROM events ANTI JOIN repeats USING (position)`." },
  book: "book_id",
  sql: repeatsOf("events"),
};

/** The events of a table `events` without these. */
export const withoutRepeats = "events ANTI JOIN repeats USING (position)";
