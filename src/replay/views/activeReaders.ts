import type { View } from "./view.ts";

const activeReaders = (name: string, period: string, description: string): View => ({
  name,
  description,
  columns: { readers: "Readers who read.", seconds: "Seconds of reading." },
  day: period,
  sql: `SELECT ${period}, count(DISTINCT reader) AS readers, count(*) AS readings, sum(seconds)::BIGINT AS seconds
    FROM readings
    GROUP BY ${period}`,
});

export const dailyReaders = activeReaders("daily_readers", "day", "A day of China on which somebody read.");
export const weeklyReaders = activeReaders(
  "weekly_readers",
  "week",
  "A week in which somebody read; `week` is its Monday.",
);
export const monthlyReaders = activeReaders(
  "monthly_readers",
  "month",
  "A month in which somebody read; `month` is its first day.",
);
