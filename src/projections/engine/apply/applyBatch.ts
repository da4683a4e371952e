import { allEvents } from "../../../domain/events.ts";
import { type Codec, UnknownEvent } from "../../../event-store/codec.ts";
import type { DecodedEvent } from "../../../event-store/types.ts";
import { type Client, inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { Batch } from "../batch.ts";
import type { Build } from "../build.ts";
import { advanceCheckpoint, lockCheckpoint } from "../checkpoints.ts";
import { fold, keysToLoad, planStep, type Step } from "./fold.ts";
import { loadRows, wipeRows, writeRows } from "./rows.ts";

/** Rows that are loaded and written at once; measured: larger shares are no faster and hold more memory. */
const maxRowsAtOnce = 5_000;

/**
 * `applied`: rows and checkpoint were written; `done`: the partition had passed the batch already; `gap`: the partition has not come
 * to where the batch begins, so nothing was applied and the dispatcher must rewind.
 */
export type Outcome = "applied" | "done" | "gap";

/**
 * Applies a batch to its partition in one transaction: locks the partition's checkpoint row before anything is read, compares, folds
 * the events above the checkpoint and advances it. The checkpoint, not the queue, makes each event count once: a batch may
 * come twice, late, or never. Rejects with UnknownEvent, InvalidEvent, HandlerFailed or what Postgres says.
 */
export function applyBatch(pool: Pool, codec: Codec, build: Build, batch: Batch): Promise<Outcome> {
  return inTransaction(pool, async (client) => {
    const checkpoint = await lockCheckpoint(client, build, batch.partition);
    if (checkpoint >= batch.upTo.position) return "done";
    if (checkpoint < batch.after) return "gap";
    await applyEvents(client, codec, build, batch, checkpoint);
    await advanceCheckpoint(client, build, batch.partition, batch.upTo);
    return "applied";
  });
}

async function applyEvents(
  client: Client,
  codec: Codec,
  build: Build,
  batch: Batch,
  checkpoint: bigint,
): Promise<void> {
  let steps: Step[] = [];
  let touched = 0;
  for (const event of batch.events) {
    if (event.position <= checkpoint) continue;
    if (!(event.type in allEvents)) throw new UnknownEvent(event, event.metadata.schemaVersion);
    if (build.readModel.on[event.type] === undefined) continue;
    const step = planStep(build.readModel, codec.decode(event) as DecodedEvent);
    if (step === undefined) continue;
    steps.push(step);
    touched += step.touched;
    if (touched >= maxRowsAtOnce) {
      await writeSteps(client, build, steps);
      steps = [];
      touched = 0;
    }
  }
  if (steps.length > 0) await writeSteps(client, build, steps);
}

async function writeSteps(client: Client, build: Build, steps: readonly Step[]): Promise<void> {
  const tables = Object.entries(build.readModel.tables).map(
    ([name, table]) => [name, { path: `${build.schema}.${name}`, table }] as const,
  );
  const loaded = new Map<string, Awaited<ReturnType<typeof loadRows>>>();
  for (const [name, stored] of tables) {
    loaded.set(name, await loadRows(client, stored, keysToLoad(steps, name, stored.table)));
  }
  const changes = fold(build.readModel, steps, loaded);
  for (const [name, stored] of tables) {
    const change = changes.get(name);
    if (change === undefined) continue;
    if (change.wipes.length > 0) await wipeRows(client, stored, change.wipes);
    await writeRows(client, stored, change.rows.values());
  }
}
