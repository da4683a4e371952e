import type { View } from "./view.ts";

/** The retention of the readers of these readings, which must have all their readings. */
export const retentionOf = (readings: string): string =>
  `WITH first_weeks AS (
      SELECT reader, min(week) AS cohort FROM ${readings} GROUP BY reader
    ), sizes AS (
      SELECT cohort, count(*) AS cohort_readers FROM first_weeks GROUP BY cohort
    )
    SELECT cohort, (week - cohort) // 7 AS weeks, count(DISTINCT reader) AS readers, cohort_readers,
      count(DISTINCT reader) / cohort_readers AS share
    FROM ${readings} JOIN first_weeks USING (reader) JOIN sizes USING (cohort)
    GROUP BY cohort, weeks, cohort_readers`;

export const retention: View = {
  name: "retention",
  description:
    "A cohort (the readers who first read in one week) and a week after that. Weeks in which nobody of it read are not there.",
  columns: {
    cohort: "The Monday of the first week.",
    weeks: "Weeks since then; 0 is the first.",
    readers: "Readers of the cohort who read in that week.",
    cohort_readers: "All readers of the cohort.",
    share: "`readers` of `cohort_readers`.",
  },
  day: "cohort",
  sql: retentionOf("readings"),
};
