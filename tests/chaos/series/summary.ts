import { type FaultKind, faultKinds, killKinds } from "../plan.ts";
import type { ChaosVerdict } from "../run.ts";
import type { RunResult } from "./results.ts";

/** Summarizes a series of runs. */
export function summarize(results: readonly RunResult[]) {
  const total = (count: (result: RunResult) => number) => results.reduce((sum, result) => sum + count(result), 0);
  const faults = totals(total, "faults");
  return {
    runs: results.length,
    ok: results.filter(isOk).length,
    failed: results.filter((result) => !isOk(result)).map(({ run }) => run),
    kills: killKinds.reduce((sum, kind) => sum + (faults[kind] ?? 0), 0),
    restarts: total(({ restarts }) => Object.values(restarts).reduce((sum, count) => sum + count, 0)),
    faults,
    notAvailable: totals(total, "notAvailable"),
    offered: total(({ load }) => load.offered ?? 0),
    shed: total(({ load }) => load.shed ?? 0),
    acknowledged: total(({ acknowledged }) => acknowledged),
    events: total(({ events }) => events),
    shown: total(({ shown }) => shown),
    lost: total(({ lost }) => lost),
    doubled: total(({ doubled }) => doubled),
    reordered: total(({ reordered }) => reordered),
    late: total(({ late }) => late.length),
    differences: total(({ differences }) => differences.length),
    seeds: results.map(({ seed }) => seed),
  };
}

export const isOk = ({ differences }: ChaosVerdict): boolean => differences.length === 0;

/** A run as a line for people. */
export function lineOf({
  run,
  seed,
  acknowledged,
  events,
  shown,
  seconds,
  faults,
  late,
  differences,
}: RunResult): string {
  const list = Object.entries(faults).map(([kind, count]) => (count === 1 ? kind : `${kind}×${count}`));
  const said = `${acknowledged} acknowledged, ${events} events, ${shown} answers shown, ${late.length} late, ${seconds} s`;
  return `run ${run} seed ${seed}: ${said}; ${list.join(" ")}: ${differences.length === 0 ? "ok" : `FAILED (${differences.length})`}`;
}

function totals(
  total: (count: (result: RunResult) => number) => number,
  what: "faults" | "notAvailable",
): Partial<Record<FaultKind, number>> {
  const counted = faultKinds.map((kind) => [kind, total((result) => result[what][kind] ?? 0)] as const);
  return Object.fromEntries(counted.filter(([, count]) => what === "faults" || count > 0));
}
