import { setTimeout as sleep } from "node:timers/promises";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { commit, leftOut } from "./faults.ts";
import { importBooks } from "./library.ts";
import { planFaults } from "./plan.ts";
import { seededRandom } from "./random.ts";
import { type Journal, read, shownWrong } from "./readers.ts";
import { verify } from "./verify.ts";

export type ChaosRun = {
  readonly seed: number;
  readonly lengthMs: number;
  readonly readers: number;
  readonly kills: number;
  readonly flushes: number;
  readonly freezeMs: number;
  /** The mean pause between two commands of a reader. */
  readonly thinkMs: number;
  readonly dataDir: string;
  readonly report: (line: string) => void;
};

export type ChaosVerdict = {
  readonly differences: readonly string[];
  readonly acknowledged: number;
  readonly events: number;
  readonly rows: number;
  readonly restarts: Readonly<Record<string, number>>;
  /** The faults that were planned and not done, and why. */
  readonly leftOut: readonly string[];
  readonly currentLooks: number;
  readonly staleLooks: number;
};

/** Runs a stack of its own under readers and faults, lets it come to rest, and judges what is left. */
export async function runChaos(run: ChaosRun): Promise<ChaosVerdict> {
  const random = seededRandom(run.seed);
  const stack = await startStack({ dataDir: run.dataDir, logLevel: "warn", unlimited: true, progress: run.report });
  try {
    const books = await importBooks(stack, 24);
    const journal: Journal = { acknowledged: [], surprises: [], current: { count: 0 }, stale: { count: 0 } };
    const begun = Date.now();
    const untilMs = begun + run.lengthMs;
    const elapsed = () => `${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s`;
    const reading = Promise.all(
      Array.from({ length: run.readers }, (_, index) =>
        read(
          stack,
          `chaos-${index}`,
          books,
          seededRandom(run.seed * 1_000_003 + index),
          { untilMs, thinkMs: run.thinkMs },
          journal,
        ),
      ),
    );
    const pulse = setInterval(
      () =>
        run.report(`${elapsed()}  ${journal.acknowledged.length} acknowledged, ${journal.surprises.length} surprises`),
      5_000,
    );
    const notDone: string[] = [];
    for (const fault of planFaults(random, run)) {
      await sleep(Math.max(0, begun + fault.atMs - Date.now()));
      const reason = leftOut(fault, stack);
      if (reason !== undefined) notDone.push(reason);
      run.report(`${elapsed()}  ${reason ?? (await commit(fault, stack))}`);
    }
    const done = (await reading).filter((reader) => reader !== undefined);
    clearInterval(pulse);
    run.report(`${elapsed()}  readers done, ${journal.acknowledged.length} acknowledged; comparing`);
    const { differences, events, rows } = await verify(stack, journal);
    const shown = await shownWrong(stack, done);
    const restarts = Object.fromEntries(
      Object.entries(stack.processes()).map(([name, part]) => [name, part?.restarts ?? 0]),
    );
    const { current, stale, acknowledged } = journal;
    return {
      differences: [...differences, ...shown],
      acknowledged: acknowledged.length,
      events,
      rows,
      restarts,
      leftOut: notDone,
      currentLooks: current.count,
      staleLooks: stale.count,
    };
  } finally {
    await stack.stop();
  }
}
