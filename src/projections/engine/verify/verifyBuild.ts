import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Build } from "../core/build.ts";
import { partitionColumn } from "../core/declaration.ts";
import { highestPosition } from "../core/positions.ts";
import { findMismatch, LogMismatch } from "../log/logCheck.ts";
import { readSkips } from "../log/skips.ts";
import type { BuildSnapshot, ReadModelStore } from "../ports/readModelStore.ts";
import { defaultTiming } from "../timing.ts";
import { compareParked, compareParkedCounts } from "./compareParked.ts";
import { compareRows, reportStrays } from "./compareRows.ts";
import { createDifferences, type Difference } from "./differences.ts";
import { foldLog, type LogFold } from "./foldLog.ts";
import { logOfKeys, wholeLog } from "./logOf.ts";
import { type Selection, selectKeys, selectSample, selectSlots, slots } from "./selection.ts";

/** The scope: all rows, those of some partition keys, or those of a random sample of keys, determined by the seed. */
export type VerifyScope =
  | { readonly kind: "all" }
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  | { readonly kind: "sample"; readonly size: number; readonly seed: string };

/** `share` of the work done, from 0 to 1; `events` read so far, in all passes. */
export type VerifyProgress = { readonly share: number; readonly events: number };

export type Verification = {
  readonly keys: number;
  readonly rows: number;
  /** The number of folded events. */
  readonly events: number;
  /** The number of times the log was read. */
  readonly passes: number;
  readonly differences: number;
  /** The first hundred differences. */
  readonly found: readonly Difference[];
};

export type VerifyDependencies = {
  readonly store: Pick<ReadModelStore, "snapshot">;
  readonly eventStore: Pick<EventStore, "readAll" | "readStream" | "readLogAt">;
  readonly codec: Codec;
};

/**
 * The maximum number of rows in a fold: larger read models are verified in several passes over the log, each for a part of the
 * keys. Measured with rows of shelf_books: at most 305 MB of resident memory, 100 of them Node itself; twice as many rows took
 * 425 MB.
 */
const defaultRows = 100_000;
/** The number of events between two progress reports. */
const reportEvery = 1_000;

/**
 * Folds the log independently, in memory and from its beginning, and compares the result with a snapshot of the build's rows,
 * while everything keeps running. Nothing is changed. Rejects with LogMismatch if a checkpoint is not in the log, with
 * UnknownEvent if this program is older than what it reads, or as the stores do.
 */
export function verifyBuild(
  { store, eventStore, codec }: VerifyDependencies,
  build: Build,
  scope: VerifyScope,
  options: {
    readonly stop?: AbortSignal;
    readonly onProgress?: (progress: VerifyProgress) => void;
    readonly maxRows?: number;
  } = {},
): Promise<Verification> {
  const { stop = new AbortController().signal, onProgress = () => {}, maxRows = defaultRows } = options;
  const { readModel } = build;
  const differences = createDifferences();
  const sum = { keys: 0, rows: 0, events: 0, passes: 0, read: 0 };

  return store.snapshot(build, async (snapshot) => {
    const mismatch = await findMismatch(eventStore, snapshot.checkpoints, defaultTiming.logLag);
    if (mismatch !== undefined) {
      const { checkpoint, found, partition } = mismatch;
      throw new LogMismatch(`partition ${partition}, event ${checkpoint.eventId} at ${checkpoint.position}: ${found}`);
    }
    // After the snapshot: events that a build had left out by then were skipped before.
    const skipped = await readSkips(eventStore, codec, readModel.name);
    const upTo = highestPosition(snapshot.checkpoints);

    let reported = 0;
    const report = (share: number) => {
      // When a pass drops keys, less of the work is done than reported.
      reported = Math.max(reported, share);
      onProgress({ share: reported, events: sum.read });
    };

    const pass = async (selection: Selection, shareOf: (ofPass: number) => number) => {
      const fold = foldLog(build, codec, snapshot, skipped, selection);
      const named = scope.kind === "keys" ? scope.keys : undefined;
      const log = named
        ? logOfKeys(eventStore, readModel, named, upTo, stop)
        : wholeLog(eventStore, readModel, upTo, stop);
      sum.passes++;
      for await (const event of log) {
        if (fold.add(event)) sum.events++;
        if (fold.rows() > maxRows) selection.narrow();
        for (const part of selection.takeGivenUp()) fold.giveUp(part);
        if (++sum.read % reportEvery === 0) {
          report(shareOf(Number(event.position) / Math.max(1, Number(upTo))));
        }
      }
      sum.rows += await compareRows(readModel, snapshot, fold, selection, differences);
      compareParked(snapshot, fold, selection, differences);
      sum.keys += keysOf(fold);
      report(shareOf(1));
    };

    compareParkedCounts(snapshot, differences);
    if (scope.kind === "all") {
      await inPasses(pass);
      await reportStrays(snapshot, differences);
    } else if (scope.kind === "keys") await pass(selectKeys(scope.keys), (share) => share);
    else await pass(await sampleOf(build, snapshot, scope), (share) => share);
    const { read: _, ...counted } = sum;
    return { ...counted, differences: differences.count(), found: differences.kept() };
  });
}

type Pass = (selection: Selection, shareOf: (ofPass: number) => number) => Promise<void>;

/** As many passes as memory requires: each starts where the previous one had to stop, with as many keys as that one could hold. */
async function inPasses(pass: Pass): Promise<void> {
  let width = slots;
  for (let from = 0; from < slots; ) {
    const selection = selectSlots(from, Math.min(slots, from + width));
    const begin = from;
    await pass(selection, (share) => (begin + (selection.to() - begin) * share) / slots);
    width = selection.to() - from;
    from = selection.to();
  }
}

/** A sample to which the keys of all rows were offered; keys in the log are offered during the fold. */
async function sampleOf(
  { readModel }: Build,
  snapshot: Pick<BuildSnapshot, "rows">,
  { size, seed }: Extract<VerifyScope, { kind: "sample" }>,
): Promise<Selection> {
  const sample = selectSample(size, seed);
  for (const [name, table] of Object.entries(readModel.tables)) {
    for await (const row of snapshot.rows(name)) sample.offer(String(row[partitionColumn(table)]));
  }
  return sample;
}

function keysOf(fold: Pick<LogFold, "parts">): number {
  let count = 0;
  for (const { keys } of fold.parts().values()) count += keys.size;
  return count;
}
