import { type Epoch, noteApplied } from "../core/epoch.ts";
import { openFailures } from "../ports/buildCatalog.ts";
import type { Signal } from "../transport/signals.ts";
import { blockedPartitions } from "./blockedPartitions.ts";
import type { DispatchDependencies } from "./dispatchDependencies.ts";
import { receiveEvents } from "./receiveEvents.ts";
import { createRunningEpoch } from "./runningEpoch.ts";
import { sendBatches } from "./sendBatches.ts";
import { tick, watchPartitions } from "./watchPartitions.ts";

/**
 * Runs an epoch: receives events, sends batches and watches the partitions, in loops side by side, until the first of them
 * ends. Resolves with the reason (a rewind, or the stop); rejects with what failed.
 */
export async function runEpoch(dependencies: DispatchDependencies, epoch: Epoch, stop: AbortSignal): Promise<string> {
  const blocked = await blockedPartitions(await failuresOf(dependencies, epoch), dependencies.queues.queued);
  const run = createRunningEpoch(dependencies, epoch, blocked, stop);
  const { end, ended, arrived, room, sent } = run;

  const forget = dependencies.onSignal((signal: Signal) => {
    if (signal.kind === "rewind") {
      // Each batch behind a gap requests a rewind; this epoch answered those of an older one.
      if (signal.epoch === epoch.id) end("a worker met a gap");
    } else if (signal.kind === "advanced") {
      noteApplied(epoch, signal.partition, signal.position);
      run.advancedAt[signal.partition] = performance.now();
      arrived.notify();
    }
  });
  const loops = [receiveEvents(run), sendBatches(run), watchPartitions(run), tick(run)];
  try {
    await Promise.race(loops);
    return String(ended.reason);
  } finally {
    end("another loop of the epoch ended");
    arrived.notify();
    room.notify();
    sent.notify();
    await Promise.allSettled(loops);
    forget();
  }
}

async function failuresOf({ store, catalog }: DispatchDependencies, { build }: Epoch) {
  const reported = await catalog.failures(build);
  return reported.length === 0 ? [] : openFailures(reported, await store.checkpoints(build));
}
