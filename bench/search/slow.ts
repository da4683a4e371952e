import { percentiles } from "../load/percentiles.ts";

type Answered = { readonly path: string; readonly at: number; readonly ms: number; readonly isFirst: boolean };

/** Slow answers that end this close to each other waited for the same cause, not for their own query. */
const togetherMs = 5;
const crowd = 8;
const shown = 10;

/**
 * Collects the answers of a round, and reports the common properties of the slowest hundredth. `seen`: the earlier searches; it
 * adds to them.
 */
export function createSlowReport(seen: Set<string>) {
  const answered: Answered[] = [];
  return {
    /** `at` is the time of the answer, in ms of any clock. */
    add(path: string, at: number, ms: number): void {
      answered.push({ path, at, ms, isFirst: !seen.has(path) });
      seen.add(path);
    },
    lines(): readonly string[] {
      const [least = 0] = percentiles(
        answered.map(({ ms }) => ms),
        99,
      );
      const slow = answered.filter(({ ms }) => ms >= least);
      const together = slow.filter(
        ({ at }) => slow.filter((other) => Math.abs(other.at - at) <= togetherMs).length > crowd,
      );
      return [
        ...[true, false].map((isFirst) => timesOf(isFirst ? "asked first" : "asked again", answered, isFirst)),
        `of the slowest ${slow.length} (${least.toFixed(1)} ms and more) ${together.length} ended within ${togetherMs} ms of ${crowd} others: a pause of a whole process`,
        ...slow
          .toSorted((a, b) => b.ms - a.ms)
          .slice(0, shown)
          .map(
            ({ path, ms, at }) => `  ${ms.toFixed(1)} ms at ${(at / 1_000).toFixed(2)} s  ${decodeURIComponent(path)}`,
          ),
      ];
    },
  };
}

function timesOf(name: string, answered: readonly Answered[], isFirst: boolean): string {
  const times = answered.filter((one) => one.isFirst === isFirst).map(({ ms }) => ms);
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, 50, 99);
  return `${name}: ${times.length}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}
