import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Build } from "../core/build.ts";
import { highestPosition } from "../core/positions.ts";
import { findMismatch, LogMismatch } from "../log/logCheck.ts";
import { readSkips } from "../log/skips.ts";
import type { BuildSnapshot, ReadModelStore } from "../ports/readModelStore.ts";
import { compareParked, compareParkedCounts } from "./compareParked.ts";
import { compareRows } from "./compareRows.ts";
import { createDifferences, type Difference } from "./differences.ts";
import { foldLog, type LogFold } from "./foldLog.ts";
import { logOfKeys, wholeLog } from "./logOf.ts";
import { type Selection, selectKeys, selectSample, selectSlots, slots } from "./selection.ts";

/** What is looked at: all rows, those of some partition keys, or those of so many keys, chosen by the seed. */
export type VerifyScope =
  | { readonly kind: "all" }
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  | { readonly kind: "sample"; readonly size: number; readonly seed: string };

/** `share` of the work that is done, from 0 to 1; `events` read so far, in all passes. */
export type VerifyProgress = { readonly share: number; readonly events: number };

export type Verification = {
  readonly keys: number;
  readonly rows: number;
  /** Events that were folded. */
  readonly events: number;
  /** How often the log was read. */
  readonly passes: number;
  readonly differences: number;
  /** The first hundred of them. */
  readonly found: readonly Difference[];
};

export type VerifyDependencies = {
  readonly store: Pick<ReadModelStore, "snapshot">;
  readonly eventStore: Pick<EventStore, "readAll" | "readStream" | "readLogAt">;
  readonly codec: Codec;
};

/**
 * Rows that the fold may hold at a time: a read model with more is verified in several passes over the log, each of a part
 * of its keys. Measured with rows of shelf_books: 305 MB of resident memory at the most, 100 of them Node itself; twice as many
 * rows took 425 MB.
 */
const defaultRows = 100_000;
/** Events between two reports of the progress. */
const reportEvery = 1_000;

/**
 * Folds the log apart, in memory and from its beginning, and compares what comes out with the rows of the build, as they
 * were at one moment; everything goes on meanwhile. Nothing is changed. Rejects with LogMismatch when a checkpoint is not in
 * the log, with UnknownEvent when the program is older than what it reads, or with what the stores say.
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
    const mismatch = await findMismatch(eventStore, snapshot.checkpoints);
    if (mismatch !== undefined) {
      const { checkpoint, found, partition } = mismatch;
      throw new LogMismatch(`partition ${partition}, event ${checkpoint.eventId} at ${checkpoint.position}: ${found}`);
    }
    // After the snapshot: whatever a build of that moment had left out was skipped before.
    const skipped = await readSkips(eventStore, codec, readModel.name);
    const upTo = highestPosition(snapshot.checkpoints);

    let reported = 0;
    const report = (share: number) => {
      // A pass that gives keys up has less behind it than it seemed.
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
    if (scope.kind === "all") await inPasses(pass);
    else if (scope.kind === "keys") await pass(selectKeys(scope.keys), (share) => share);
    else await pass(await sampleOf(build, snapshot, scope), (share) => share);
    const { read: _, ...counted } = sum;
    return { ...counted, differences: differences.count(), found: differences.kept() };
  });
}

type Pass = (selection: Selection, shareOf: (ofPass: number) => number) => Promise<void>;

/** As many passes as memory demands: each goes on where the one before had to stop, with as many keys as that one held. */
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

/** A sample that the keys of all rows were offered to; those of the log are while it is folded. */
async function sampleOf(
  { readModel }: Build,
  snapshot: Pick<BuildSnapshot, "rows">,
  { size, seed }: Extract<VerifyScope, { kind: "sample" }>,
): Promise<Selection> {
  const sample = selectSample(size, seed);
  for (const [name, { primaryKey }] of Object.entries(readModel.tables)) {
    for await (const row of snapshot.rows(name)) sample.offer(String(row[primaryKey[0] ?? ""]));
  }
  return sample;
}

function keysOf(fold: Pick<LogFold, "parts">): number {
  let count = 0;
  for (const { keys } of fold.parts().values()) count += keys.size;
  return count;
}
