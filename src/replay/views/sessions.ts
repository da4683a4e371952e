import type { View } from "./view.ts";

/** The sessions of a table of readings, in which each reader has all readings or none. */
export const sessionsOf = (readings: string): string => `WITH after_pauses AS (
    SELECT *, coalesce(began_at > max(ended_at) OVER (
        PARTITION BY reader ORDER BY began_at, ended_at, position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) + INTERVAL 30 MINUTE, true) AS begins
    FROM ${readings}
  ), numbered AS (
    SELECT *, count(*) FILTER (begins) OVER (PARTITION BY reader ORDER BY began_at, ended_at, position) AS session
    FROM after_pauses
  )
  SELECT reader, session, min(began_at) AS began_at, max(ended_at) AS ended_at, count(*) AS readings,
    sum(seconds)::BIGINT AS seconds, count(DISTINCT book_id) AS books
  FROM numbered
  GROUP BY reader, session`;

/** Web analytics' usual session: it ends after 30 minutes without activity. */
export const sessions: View = {
  name: "sessions",
  description:
    "A session: a reader's readings with no more than 30 minutes between the end of one and the beginning of the next.",
  columns: {
    session: "Counts the reader's sessions, from 1 on.",
    readings: "How many stretches of reading it has.",
    seconds: "Seconds of reading, without the pauses.",
    books: "How many books were read.",
  },
  day: "(began_at + INTERVAL 8 HOUR)::DATE",
  sql: sessionsOf("readings"),
};
