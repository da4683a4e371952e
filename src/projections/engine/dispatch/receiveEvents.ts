import { beforeTheLog } from "../core/batch.ts";
import { subscribedCategories } from "../core/declaration.ts";
import { accept, passTo } from "../core/epoch.ts";
import { findMismatch } from "../log/logCheck.ts";
import type { RunningEpoch } from "./runningEpoch.ts";

/** Buffered units of event data at which the subscription is read no further. */
const maxBuffered = 16 * 1024 * 1024;

/**
 * Receives the epoch's events until it ends; subscribes again when the watch stopped a silent subscription. Rejects
 * when it fails.
 */
export async function receiveEvents(run: RunningEpoch): Promise<void> {
  const { epoch, ended, subscription } = run;
  const { eventStore, timing } = run.dependencies;
  for (let opened = 0; !ended.aborted; opened++) {
    // A log that replaced this one while the subscription was silent may end before the cursor: it would be silent for ever.
    const mismatch =
      opened > 0 && epoch.cursor ? await findMismatch(eventStore, [epoch.cursor], timing.logLag, ended) : undefined;
    if (mismatch !== undefined) throw new Error(`the log lost the last delivered event: ${mismatch.found}`);
    subscription.heard = performance.now();
    subscription.stop = new AbortController();
    const signal = AbortSignal.any([ended, subscription.stop.signal]);
    await receiveFrom(run, epoch.cursor?.position ?? epoch.from, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (!signal.aborted) throw new Error("the subscription ended");
  }
}

async function receiveFrom(run: RunningEpoch, after: bigint, signal: AbortSignal): Promise<void> {
  const { epoch, arrived, room, rate, subscription } = run;
  const categories = subscribedCategories(epoch.build.readModel);
  const from = after === beforeTheLog ? undefined : after;
  for await (const messages of run.dependencies.eventStore.subscribe({ categories, after: from, signal })) {
    subscription.heard = performance.now();
    if (signal.aborted) return;
    let isSooner = false;
    rate.count(messages.length);
    for (const message of messages) {
      // A checkpoint message is only a sign of life here: its position is no event's, so no batch can end there.
      if (message.kind === "event") isSooner = accept(epoch, message.event, subscription.heard) || isSooner;
      else if (message.kind === "passed") isSooner = passTo(epoch, message.upTo, subscription.heard) || isSooner;
    }
    if (isSooner) arrived.notify();
    while (epoch.buffered >= maxBuffered && !signal.aborted) {
      subscription.isFull = true;
      await room.wait(100);
    }
    subscription.isFull = false;
  }
}
