import type { FillProgress } from "../../projections/engine/ports/buildCatalog.ts";

/** The window of the rate, in milliseconds. */
const windowMs = 10_000;

/** The rate of a fill; undefined without enough reports. */
export type FillRate = { readonly eventsPerSecond: number; readonly secondsLeft: number } | undefined;

/** Computes the rate of a fill from its reports in the last ten seconds. If the fill restarts, so does the measurement. */
export function createFillRate() {
  let reports: FillProgress[] = [];
  return (report: FillProgress): FillRate => {
    const last = reports.at(-1);
    if (last !== undefined && (report.events < last.events || report.position < last.position)) reports = [];
    if (last?.at.getTime() !== report.at.getTime()) reports.push(report);
    const oldest = report.at.getTime() - windowMs;
    reports = reports.filter(({ at }) => at.getTime() >= oldest);
    const [first = report] = reports;
    const seconds = (report.at.getTime() - first.at.getTime()) / 1_000;
    const passed = Number(report.position - first.position);
    if (seconds <= 0 || passed <= 0) return undefined;
    const left = Number(report.head - report.position);
    return { eventsPerSecond: (report.events - first.events) / seconds, secondsLeft: (left * seconds) / passed };
  };
}
