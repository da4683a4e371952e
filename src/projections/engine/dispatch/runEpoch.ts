import { setImmediate as nextTurn } from "node:timers/promises";
import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import { nextTick } from "../../../platform/tick.ts";
import { beforeTheLog } from "../core/batch.ts";
import { subscribedCategories } from "../core/declaration.ts";
import { accept, cutRipe, type Epoch, nextRipeIn, noteApplied, passTo } from "../core/epoch.ts";
import { findMismatch } from "../log/logCheck.ts";
import { type BuildCatalog, openFailures } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { pause, type Timing } from "../timing.ts";
import type { PartitionQueues } from "../transport/partitionQueues.ts";
import type { Signal } from "../transport/signals.ts";
import { createWakeUp } from "../wakeUp.ts";
import { createBackpressure } from "./backpressure.ts";
import { inChunks } from "./chunks.ts";
import { watchRate, worthGathering } from "./gathering.ts";
import type { DispatchSubscribe } from "./messages.ts";
import { mustRewind, type PartitionWatch } from "./watch.ts";

/** An event store whose subscriptions may say how far the events of other builds have come. */
type DispatchedLog = Omit<EventStore, "subscribe"> & { readonly subscribe: DispatchSubscribe };

export type DispatchDependencies = {
  readonly store: Pick<ReadModelStore, "open" | "checkpoints" | "isLost">;
  readonly catalog: Pick<BuildCatalog, "failures" | "reportFailure" | "clearFailure" | "replace">;
  readonly codec: Codec;
  readonly eventStore: DispatchedLog;
  readonly queues: PartitionQueues;
  readonly logger: Logger;
  readonly timing: Timing;
  /** Publishes that the builds of a read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
  /** How long an idle partition gathers events now, in ms; not at all unless given. */
  readonly gather?: () => number;
  /** Registers what is to be called for each signal of this build; returns how to take it back. */
  readonly onSignal: (listener: (signal: Signal) => void) => () => void;
};

/** Buffered units of event data at which the subscription is read no further. */
const maxBuffered = 16 * 1024 * 1024;

/**
 * Runs an epoch: receives events, sends batches and watches the partitions, in loops side by side, until the first of them
 * ends. Resolves with the reason (a rewind, or the stop); rejects with what failed.
 */
export async function runEpoch(dependencies: DispatchDependencies, epoch: Epoch, stop: AbortSignal): Promise<string> {
  const end = new AbortController();
  const ended = AbortSignal.any([stop, end.signal]);
  const arrived = createWakeUp();
  const room = createWakeUp();
  const sent = createWakeUp();
  /**
   * Partitions that stand at an event and say so, or all when the build is stopped: their queue is not added to, so that they do
   * not hold the others up.
   */
  let standing: ReadonlySet<number> = new Set(
    (await failuresOf(dependencies, epoch)).map(({ partition }) => partition),
  );
  /** When a signal said last that a partition advanced (ms). */
  const advancedAt = epoch.partitions.map(() => Number.NEGATIVE_INFINITY);
  const rate = watchRate();
  const life = { heard: performance.now(), full: false, subscription: new AbortController() };

  const forget = dependencies.onSignal((signal: Signal) => {
    if (signal.kind === "rewind") {
      // Each batch behind a gap asks for a rewind of its own; those of an older epoch were answered by this one.
      if (signal.epoch === epoch.id) end.abort("a worker met a gap");
    } else if (signal.kind === "advanced") {
      noteApplied(epoch, signal.partition, signal.position);
      advancedAt[signal.partition] = performance.now();
      arrived.notify();
    }
  });
  const loops = [receive(), send(), watch(), tick()];
  try {
    await Promise.race(loops);
    return String(ended.reason);
  } finally {
    end.abort("another loop of the epoch ended");
    arrived.notify();
    room.notify();
    sent.notify();
    await Promise.allSettled(loops);
    forget();
  }

  async function receive(): Promise<void> {
    const { eventStore } = dependencies;
    for (let opened = 0; !ended.aborted; opened++) {
      // A log that took this one's place while the subscription was silent may end before the cursor: it would be silent for ever.
      const mismatch = opened > 0 && epoch.cursor ? await findMismatch(eventStore, [epoch.cursor]) : undefined;
      if (mismatch !== undefined) throw new Error(`the log lost the last delivered event: ${mismatch.found}`);
      life.heard = performance.now();
      life.subscription = new AbortController();
      const signal = AbortSignal.any([ended, life.subscription.signal]);
      await receiveFrom(eventStore, epoch.cursor?.position ?? epoch.from, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (!signal.aborted) throw new Error("the subscription ended");
    }
  }

  async function receiveFrom(eventStore: DispatchedLog, after: bigint, signal: AbortSignal): Promise<void> {
    const categories = subscribedCategories(epoch.build.readModel);
    const from = after === beforeTheLog ? undefined : after;
    for await (const messages of inChunks(eventStore.subscribe({ categories, after: from, signal }))) {
      life.heard = performance.now();
      if (signal.aborted) return;
      let isSooner = false;
      rate.count(messages.length);
      for (const message of messages) {
        // A checkpoint message is only a sign of life: its position may lie beyond events that are not delivered yet.
        if (message.kind === "event") isSooner = accept(epoch, message.event, life.heard) || isSooner;
        else if (message.kind === "passed") isSooner = passTo(epoch, message.upTo, life.heard) || isSooner;
      }
      if (isSooner) arrived.notify();
      while (epoch.buffered >= maxBuffered && !signal.aborted) {
        life.full = true;
        await room.wait(100);
      }
      life.full = false;
    }
  }

  async function send(): Promise<void> {
    const { queues, timing } = dependencies;
    const gather = () => (dependencies.gather?.() ?? 0) * worthGathering(rate.perSecond());
    const backpressure = createBackpressure(epoch.partitions.length, () => queues.waiting(standing));
    while (!ended.aborted) {
      await arrived.wait(nextRipeIn(epoch, performance.now(), timing, gather()));
      // What came with the same packet goes with the same batch.
      await nextTurn();
      await backpressure.pass(ended);
      const batches = cutRipe(epoch, performance.now(), timing, gather());
      if (batches.length === 0) continue;
      // What a standing partition is not sent is a gap when it goes on, or found by the watch: it is rewound.
      const going = batches.filter((batch) => !standing.has(batch.partition));
      backpressure.sent(going.length);
      await queues.send(going, ended);
      room.notify();
      sent.notify();
    }
  }

  /** Has the checkpoints looked at now and then when nothing is sent; those of all builds at once, which takes one statement. */
  async function tick(): Promise<void> {
    while (!ended.aborted) {
      await nextTick(dependencies.timing.watchIdleEvery, ended);
      sent.notify();
    }
  }

  async function watch(): Promise<void> {
    const { store, catalog, queues, timing } = dependencies;
    const watches: PartitionWatch[] = epoch.partitions.map(() => ({ seen: undefined, since: performance.now() }));
    const hasAppliedAll = () => epoch.partitions.every(({ applied, after }) => applied >= after);
    let lookedAt = Number.NEGATIVE_INFINITY;
    while (!ended.aborted) {
      if (hasAppliedAll()) await sent.wait(timing.silence);
      await pause(timing.watchEvery, ended);
      if (!life.full && performance.now() - life.heard > timing.silence) life.subscription.abort("silent");
      // Where all that was sent is applied there is little to see, nor where signals say that all advance.
      const recent = performance.now() - 2 * timing.watchEvery;
      const advances = epoch.partitions.every(
        ({ number, applied, after }) => applied >= after || (advancedAt[number] ?? 0) > recent,
      );
      const enough = hasAppliedAll() ? timing.watchIdleEvery / 2 : 4 * timing.watchEvery;
      if (advances && performance.now() - lookedAt < enough) continue;
      lookedAt = performance.now();
      const checkpoints = await store.checkpoints(epoch.build);
      const behind = epoch.partitions.filter(
        (partition) => (checkpoints[partition.number]?.position ?? 0n) < partition.after,
      );
      // A signal that was lost: what has gathered meanwhile may go.
      if (behind.length > 0) arrived.notify();
      const reported = behind.length > 0 ? await catalog.failures(epoch.build) : [];
      const failures = openFailures(reported, checkpoints);
      standing = new Set(failures.map((failure) => failure.partition));
      /** Stopped with the build, by no event of their own: nothing is sent to them, so nothing can be lost. */
      const stopped = new Set(
        failures.filter((failure) => !reported.includes(failure)).map(({ partition }) => partition),
      );
      for (const partition of epoch.partitions) {
        const checkpoint = checkpoints[partition.number]?.position ?? beforeTheLog;
        noteApplied(epoch, partition.number, checkpoint);
        const queued = behind.includes(partition) ? await queues.queued(partition.number) : 0;
        const look = { checkpoint, sent: partition.after, queued, failed: standing.has(partition.number) };
        const partitionWatch = watches[partition.number];
        if (stopped.has(partition.number)) {
          watches[partition.number] = { seen: undefined, since: performance.now() };
        } else if (partitionWatch !== undefined && mustRewind(partitionWatch, look, performance.now(), timing)) {
          return end.abort(`partition ${partition.number} does not advance from ${checkpoint}`);
        }
      }
    }
  }
}

async function failuresOf({ store, catalog }: DispatchDependencies, { build }: Epoch) {
  const reported = await catalog.failures(build);
  return reported.length === 0 ? [] : openFailures(reported, await store.checkpoints(build));
}
