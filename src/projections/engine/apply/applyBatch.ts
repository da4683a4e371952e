import { type Codec, UnknownEvent } from "../../../event-store/codec.ts";
import { type Batch, type KeyedEvent, outcomeWithoutApplying } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { concernOf } from "../core/concern.ts";
import { fold, rowsToLoad } from "../core/fold.ts";
import { parkingKeyOf, waits, withoutKey } from "../core/parkingKey.ts";
import { patternsOf, planStep, type Step } from "../core/plan.ts";
import type { ParkedEvent, PartitionSession, ReadModelStore } from "../ports/readModelStore.ts";

/** The maximum number of rows loaded and written at once. Measured: larger numbers are no faster and use more memory. */
const maxRowsAtOnce = 5_000;

/**
 * `applied`: rows and checkpoint were written; `done`: the partition was already past the batch; `gap`: the partition has not
 * reached the start of the batch, so nothing was applied and the dispatcher must rewind.
 */
export type Outcome = "applied" | "done" | "gap";

/** The outcome of a batch; if `applied`, with the keys that are parked in the partition. */
export type Applied = { readonly outcome: Outcome; readonly parkedKeys: ReadonlySet<string> };

const none: ReadonlySet<string> = new Set();

/**
 * Applies a batch to its partition in one session: compares the checkpoint before any row is read, parks the events of parked
 * keys, folds the other events above the checkpoint and advances it. The checkpoint, not the queue, makes each event count
 * once: a batch may arrive twice, late, or never. `leftOut`: skipped events within its range that it does not contain. Rejects
 * with UnknownEvent, InvalidEvent, HandlerFailed, or as the store does.
 */
export function applyBatch(
  store: ReadModelStore,
  codec: Codec,
  build: Build,
  batch: Batch,
  leftOut: readonly string[] = [],
): Promise<Applied> {
  const work = async (session: PartitionSession): Promise<Applied> => {
    const { position } = session.checkpoint;
    const outcome = outcomeWithoutApplying(batch, position);
    if (outcome !== undefined) return { outcome, parkedKeys: none };
    const parkedFrom = await session.parkedKeys();
    const parked: ParkedEvent[] = [];
    const folded: KeyedEvent[] = [];
    for (const event of batch.events) {
      if (event.position <= position) continue;
      const key = parkingKeyOf(event);
      // Events of a key before its first parked event are folded, in every attempt (rule 14).
      if (waits(parkedFrom, key, event.position)) parked.push({ key, event: withoutKey(event), error: null });
      else folded.push(event);
    }
    await foldIntoRows(session, codec, build, folded);
    if (parked.length > 0) await session.park(parked);
    if (leftOut.length > 0) await session.leaveOut(leftOut);
    await session.advance(batch.upTo);
    return { outcome: "applied", parkedKeys: new Set(parkedFrom.keys()) };
  };
  return store.inPartition(build, batch.partition, work, { mayRunTwice: true });
}

/** Folds the events in order over the session's rows, and writes each changed row. */
export async function foldIntoRows(
  session: PartitionSession,
  codec: Codec,
  { readModel }: Build,
  events: readonly ParkedEvent["event"][],
): Promise<void> {
  let steps: Step[] = [];
  let touched = 0;
  for (const event of events) {
    const concern = concernOf(readModel, event);
    if (concern === "unknown") throw new UnknownEvent(event);
    if (concern === "unhandled") continue;
    const decoded = codec.decode(event);
    const patterns = patternsOf(readModel, decoded);
    // Rows must be looked up in the state that the previous events left.
    if (patterns !== undefined) await writeAll();
    const step = planStep(readModel, decoded, patterns && (await session.find(patterns)));
    steps.push(step);
    touched += step.touched;
    if (touched >= maxRowsAtOnce) await writeAll();
  }
  await writeAll();

  async function writeAll() {
    if (steps.length > 0) await writeSteps(session, readModel, steps);
    steps = [];
    touched = 0;
  }
}

async function writeSteps(
  session: PartitionSession,
  readModel: Build["readModel"],
  steps: readonly Step[],
): Promise<void> {
  const loaded = await session.load(rowsToLoad(readModel, steps));
  await session.write(fold(readModel, steps, loaded));
}
