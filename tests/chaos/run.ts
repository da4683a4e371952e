import { setTimeout as sleep } from "node:timers/promises";
import { faultCommitter } from "./faults/commit.ts";
import type { FaultContext } from "./faults/fault.ts";
import { emptyJournal } from "./load/journal.ts";
import { chaptersOf, importAnother, importBooks } from "./load/library.ts";
import { makeReaders, startLoad } from "./load/load.ts";
import { type Judged, verify } from "./oracle/verify.ts";
import { type FaultKind, planFaults } from "./plan.ts";
import { seededRandom } from "./random.ts";
import { startWorld, type World } from "./world/world.ts";

export type ChaosRun = {
  readonly seed: number;
  readonly lengthMs: number;
  readonly readers: number;
  /** Commands a second. */
  readonly rate: number;
  readonly kinds: readonly FaultKind[];
  /** Whether every kind occurs once a minute, or half of them by the seed. */
  readonly every: boolean;
  /** Duration of one outage, added to the run's length. 0: none. */
  readonly longAwayMs: number;
  readonly dataDir: string;
  readonly report: (line: string) => void;
  /** Called when the faults are done and the load has ended: only the verdict remains. */
  readonly loadEnded?: () => void;
};

export type ChaosVerdict = Judged & {
  readonly acknowledged: number;
  readonly refused: number;
  /** Answers that were compared with the history of their shelf. */
  readonly shown: number;
  readonly load: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly notAvailable: Readonly<Record<string, number>>;
  readonly restarts: Readonly<Record<string, number>>;
  readonly seconds: number;
};

const books = 24;
/** Maximum time for the answer to a command after the last fault. */
const patienceMs = 90_000;

/** Runs its own stack under readers and faults, lets it settle, and checks the result. */
export async function runChaos(run: ChaosRun): Promise<ChaosVerdict> {
  const begun = Date.now();
  const world = await startWorld(run.dataDir);
  let failed = true;
  try {
    const verdict = await breakAndJudge(run, world);
    failed = verdict.differences.length > 0;
    return { ...verdict, seconds: Math.round((Date.now() - begun) / 1_000) };
  } finally {
    await world.stop(failed);
  }
}

async function breakAndJudge(run: ChaosRun, world: World): Promise<Omit<ChaosVerdict, "seconds">> {
  const lengthMs = run.lengthMs + run.longAwayMs;
  const journal = emptyJournal();
  const [bookIds, readers] = await Promise.all([
    importBooks(world, books),
    makeReaders(world, run.readers, { seed: run.seed, lengthMs }, journal),
  ]);
  const known = await chaptersOf(world, bookIds);
  const begun = Date.now();
  const report = (line: string) => run.report(`${((Date.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  const context: Omit<FaultContext, "random" | "forMs"> = { world, books: bookIds, poisoned: [], erased: [] };
  const committer = faultCommitter(context, report);
  const load = startLoad(world, readers, known, { rate: run.rate, seed: run.seed }, journal);
  const pulse = setInterval(() => report(`${journal.acknowledged.length} acknowledged`), 10_000);
  const imports = publishEditions(world, seededRandom(run.seed).between(1, books), begun + lengthMs);
  try {
    const committed: Promise<void>[] = [];
    for (const fault of planFaults(seededRandom(run.seed), { ...run, lengthMs })) {
      await sleep(Math.max(0, begun + fault.atMs - Date.now()));
      committed.push(committer.commit(fault));
    }
    await sleep(Math.max(0, begun + lengthMs - Date.now()));
    // The load goes on until the last fault is undone.
    await Promise.all(committed);
  } finally {
    clearInterval(pulse);
    await load.stop(patienceMs);
  }
  await imports;
  run.loadEnded?.();
  report(`all answered, ${journal.acknowledged.length} acknowledged; comparing`);
  const judged = await verify(world, readers, journal, context.erased);
  return {
    ...judged,
    differences: [...committer.failures, ...judged.differences],
    acknowledged: journal.acknowledged.length,
    refused: journal.refused.length,
    shown: journal.shown.length,
    load: { ...journal.counts },
    faults: committer.counts.done,
    notAvailable: committer.counts.notAvailable,
    restarts: world.restarts(),
  };
}

const everyMs = 15_000;

/** Publishes one book again and again, each time with one more chapter. An import that a fault aborts leaves its drafts. */
async function publishEditions(world: World, book: number, until: number): Promise<void> {
  for (let edition = 2; Date.now() + everyMs < until; edition++) {
    await sleep(everyMs);
    await importAnother(world, book, edition).catch(() => undefined);
  }
}
