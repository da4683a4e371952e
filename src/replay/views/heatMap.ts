import type { View } from "./view.ts";

export const heatMap: View = {
  name: "heat_map",
  description: "An hour of a weekday in which somebody's reading ended.",
  columns: { weekday: "1 is Monday, 7 Sunday.", hour: "In China, 0 to 23.", seconds: "Seconds of reading." },
  sql: `SELECT weekday, hour, count(DISTINCT reader) AS readers, count(*) AS readings, sum(seconds)::BIGINT AS seconds
    FROM readings
    GROUP BY weekday, hour`,
};
