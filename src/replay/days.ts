export const dayMs = 86_400_000;
/** Days are those of China, as in readers' statistics. It has had no summer time since 1991; events are younger. */
const aheadOfUtcMs = 8 * 3_600_000;

/** The days with a year of four digits: others have another form in toISOString, and Postgres has no year 0. */
const firstDay = Date.parse("0001-01-01T00:00:00Z");
const lastDay = Date.parse("9999-12-31T00:00:00Z");

/** The day in China, as 2026-11-28; 0001-01-01 for earlier times, 9999-12-31 for later ones. */
export function dayOf(time: Date): string {
  const inChina = Math.min(Math.max(time.getTime() + aheadOfUtcMs, firstDay), lastDay);
  return new Date(inChina).toISOString().slice(0, 10);
}

/** When a day begins in China. */
export function startOfDay(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) - aheadOfUtcMs);
}

/** The day in China of a time in milliseconds since 1970, as days since 1970. */
export function dayNumberOf(ms: number): number {
  return Math.floor((ms + aheadOfUtcMs) / dayMs);
}
