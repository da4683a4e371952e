import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { readingStats } from "../../queries/reading/stats.ts";
import type { Endpoint } from "../endpoint.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { invalidField, timeZone, unknownTimeZone } from "./fields.ts";

const defaultDays = 30;
const maxDays = 366;
const dayMs = 86_400_000;

/** The default range and the streak depend on the current date. */
const keepForMs = 60_000;

const date = z.iso.date().refine((text) => text >= "1973-01-01" && text <= "2199-12-31", "must be from 1973 to 2199");

const query = z.strictObject({
  from: date.nullable().default(null).meta({ type: "string" }),
  to: date.nullable().default(null).meta({ type: "string" }),
  tz: timeZone,
});

const seconds = z.int().nonnegative();

const stats = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  tz: z.string(),
  seconds,
  days: z.array(z.strictObject({ date: z.iso.date(), seconds })),
  streak: z.strictObject({ now: z.int(), longest: z.int() }),
  week: z.array(z.array(seconds).length(24)).length(7),
  chaptersFinished: z.int(),
  booksFinished: z.int(),
});

/** The endpoint of a reader's reading time. `now` is the clock. */
export function readingStatsEndpoints(pool: Pool, now: () => Date = () => new Date()): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/reading/stats",
      access: "reader",
      summary: "Reading time by day, by hour of the week, and streaks",
      description:
        `\`from\` and \`to\`: dates in the time zone \`tz\`, both included, at most ${maxDays} days; the last ${defaultDays} days by default. ` +
        "`streak` counts consecutive days, over all time; `now` ends today or yesterday. `week`: seconds by weekday (Monday first) and hour. " +
        "A second that several devices report counts once.",
      query,
      response: stats,
      problems: [],
      reads: ["reading_time", "library", "rounds"],
      keysOf: ({ readerId }) => ({ reading_time: readerId, rounds: readerId }),
      maxAgeMs: { library: keepForMs },
      keepForMs,
      async handle({ readerId, query }) {
        const today = dateIn(query.tz, now());
        const { from, to, tz } = { ...query, ...rangeOf(query, today) };
        const found = await readingStats(pool, { readerId, from, to, tz, today });
        if (found === undefined) throw unknownTimeZone();
        return { from, to, tz, ...found };
      },
    }),
  ];
}

/** The dates of a range; missing ones get their defaults. */
function rangeOf({ from, to }: { readonly from: string | null; readonly to: string | null }, today: string) {
  const end = to ?? (from === null ? today : ([today, addDays(from, maxDays - 1)].sort()[0] ?? today));
  const begin = from ?? addDays(end, 1 - defaultDays);
  if (begin > end) throw invalidField("from", "must not be after to");
  if (addDays(begin, maxDays - 1) < end) throw invalidField("from", `must be at most ${maxDays} days before to`);
  return { from: begin, to: end };
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
}

/** The date of an instant in a time zone: `2026-03-02`. */
function dateIn(tz: string, instant: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: tz }).format(instant);
}
