import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type FaultKind, seedOfRun } from "../plan.ts";
import { seededRandom } from "../random.ts";
import { runInChild } from "./inChild.ts";
import type { Results, RunResult, SeriesOptions } from "./results.ts";
import { isOk, lineOf } from "./summary.ts";

export type Series = {
  readonly options: SeriesOptions;
  /** The numbers of the runs to make. */
  readonly numbers: readonly number[];
  /** The number of concurrent runs. */
  readonly parallel: number;
  /** Where the runs have their data folders. */
  readonly folder: string;
  readonly keepData: boolean;
  readonly verbose: boolean;
  /** Run with the seed of the series itself, not with a derived one. */
  readonly isSingle: boolean;
};

/** In one in this many runs a server is unavailable for a long time. */
const longOnesOf = 10;

/**
 * Executes the runs, this many at once, each with its own process, stack and data folder. The next one starts when the load of one
 * has ended, while that one is checked, and the previous one has been. Resolves with all results.
 */
export async function runSeries(series: Series, results: Results): Promise<readonly RunResult[]> {
  const waiting = [...series.numbers];
  const made: RunResult[] = [];
  const places = Array.from({ length: series.parallel }, async () => {
    let judged = Promise.resolve();
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const { order, loadEnded, verdict } = startRun(series, number);
      const before = judged;
      judged = verdict.then(async (found) => {
        const result = { run: number, seed: order.seed, isLong: order.longAwayMs > 0, ...found };
        results.add(result);
        made.push({ ...result, commit: "" });
        await tell(series, { ...result, commit: "" }, order.dataDir);
      });
      await loadEnded;
      await before;
    }
    await judged;
  });
  await Promise.all(places);
  return made;
}

function startRun({ options, folder, isSingle, verbose }: Series, number: number) {
  const { lengthMs, rate, readers, every, awayMs, kinds } = options;
  const seed = isSingle ? options.seed : seedOfRun(options.seed, number);
  // With a separate generator, so that another --away changes nothing else.
  const isLong = isSingle || seededRandom(seed ^ 0x5bd1e995).next() < 1 / longOnesOf;
  const order = {
    seed,
    lengthMs,
    rate,
    readers,
    every,
    longAwayMs: isLong ? awayMs : 0,
    kinds: kinds as readonly FaultKind[],
    dataDir: join(folder, `${process.pid}-run-${number}`),
  };
  const report = (line: string) => (verbose ? console.log(`run ${number} ${line}`) : undefined);
  return { order, ...runInChild(order, report) };
}

/** Prints the findings of a run at once, and removes its data if there are none. */
async function tell({ options, keepData, isSingle }: Series, result: RunResult, dataDir: string): Promise<void> {
  const lines = [lineOf(result)];
  for (const difference of result.differences.slice(0, 20)) lines.push(`  DIFFERENCE ${difference.slice(0, 1_000)}`);
  for (const late of result.late.slice(0, 3)) lines.push(`  late ${late.slice(0, 1_000)}`);
  if (!isOk(result)) {
    const seconds = options.lengthMs / 1_000;
    const which = isSingle ? `--minutes ${seconds / 60}` : `--first ${result.run} --runs 1 --anew --seconds ${seconds}`;
    lines.push(`  data in ${dataDir}; repeat with script/chaos --seed ${options.seed} ${which}`);
  }
  console.log(lines.join("\n"));
  if (!isOk(result) || keepData) return;
  await Promise.all([rm(dataDir, { recursive: true, force: true }), rm(`${dataDir}.log`, { force: true })]);
}
