export const dayMs = 86_400_000;
/** Days are those of China, as in readers' statistics. It has had no summer time since 1991; events are younger. */
const aheadOfUtcMs = 8 * 3_600_000;

/** The day in China, as 2026-11-28. */
export function dayOf(time: Date): string {
  return new Date(time.getTime() + aheadOfUtcMs).toISOString().slice(0, 10);
}

/** When a day begins in China. */
export function startOfDay(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) - aheadOfUtcMs);
}

/** The day in China of a time in milliseconds since 1970, as days since 1970. */
export function dayNumberOf(ms: number): number {
  return Math.floor((ms + aheadOfUtcMs) / dayMs);
}
