import { setImmediate as nextTurn } from "node:timers/promises";
import { cutRipe, nextRipeIn } from "../core/epoch.ts";
import { createBackpressure } from "./backpressure.ts";
import { worthGathering } from "./gathering.ts";
import type { RunningEpoch } from "./runningEpoch.ts";

/** Sends batches as they become ripe, until the epoch ends. */
export async function sendBatches(run: RunningEpoch): Promise<void> {
  const { epoch, ended, arrived, room, sent, rate } = run;
  const { queues, timing, gather = () => 0 } = run.dependencies;
  const gatherNow = () => gather() * worthGathering(rate.perSecond());
  const backpressure = createBackpressure(epoch.partitions.length, () => queues.waiting(run.standing));
  while (!ended.aborted) {
    await arrived.wait(nextRipeIn(epoch, performance.now(), timing, gatherNow()));
    // What came with the same packet goes with the same batch.
    await nextTurn();
    await backpressure.pass(ended);
    const batches = cutRipe(epoch, performance.now(), timing, gatherNow());
    if (batches.length === 0) continue;
    // What a standing partition is not sent is a gap when it goes on, or found by the watch: it is rewound.
    const going = batches.filter((batch) => !run.standing.has(batch.partition));
    backpressure.sent(going.length);
    await queues.send(going, ended);
    room.notify();
    sent.notify();
  }
}
