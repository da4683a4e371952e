import { setImmediate as nextTurn } from "node:timers/promises";
import { cutReady, nextReadyIn } from "../core/cutBatches.ts";
import { createBackpressure } from "./backpressure.ts";
import { worthLingering } from "./lingering.ts";
import type { RunningEpoch } from "./runningEpoch.ts";

/** Sends batches as they become ready, until the epoch ends. */
export async function sendBatches(run: RunningEpoch): Promise<void> {
  const { epoch, ended, arrived, room, sent, rate } = run;
  const { queues, timing, lingerIdle = () => 0 } = run.dependencies;
  const lingerNow = () => lingerIdle() * worthLingering(rate.perSecond());
  const backpressure = createBackpressure(epoch.partitions.length, () => queues.waiting(run.blocked));
  while (!ended.aborted) {
    await arrived.wait(nextReadyIn(epoch, performance.now(), timing, lingerNow()));
    // Waits until all events of a packet have arrived, so that they are sent in one batch.
    await nextTurn();
    await backpressure.pass(ended);
    const batches = cutReady(epoch, performance.now(), timing, lingerNow());
    if (batches.length === 0) continue;
    // Batches of a blocked partition are not sent. When it continues, its worker meets a gap, or the watch finds it:
    // the partition is rewound.
    const going = batches.filter((batch) => !run.blocked.has(batch.partition));
    backpressure.sent(going.length);
    await queues.send(going, ended);
    room.notify();
    sent.notify();
  }
}
