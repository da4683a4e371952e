import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Pool } from "../../../platform/postgres.ts";
import { beforeTheLog } from "../batch.ts";
import { readCheckpoints } from "../checkpoints.ts";
import type { Signal } from "../signals.ts";
import { pause, type Timing } from "../timing.ts";
import { openTroubles } from "../troubles.ts";
import { createBell } from "./bell.ts";
import { accept, type Chain, cutRipe, noteApplied } from "./chain.ts";
import { openGate } from "./gate.ts";
import type { LaneQueues } from "./laneQueues.ts";
import { type LaneWatch, mustRewind } from "./watch.ts";

export type DispatchDependencies = {
  readonly pool: Pool;
  readonly eventStore: EventStore;
  readonly queues: LaneQueues;
  readonly logger: Logger;
  readonly timing: Timing;
  /** Registers what is to be called for each signal of this build; returns how to take it back. */
  readonly onSignal: (listener: (signal: Signal) => void) => () => void;
};

/** Buffered units of event data at which the subscription is read no further. */
const maxBuffered = 16 * 1024 * 1024;

/**
 * Runs a chain: receives events, sends batches and watches the lanes, three loops side by side, until the first of them
 * ends. Resolves with the reason (a rewind, or the stop); rejects with what failed.
 */
export async function runChain(dependencies: DispatchDependencies, chain: Chain, stop: AbortSignal): Promise<string> {
  const end = new AbortController();
  const ended = AbortSignal.any([stop, end.signal]);
  const arrived = createBell();
  const room = createBell();
  /** Lanes that stand at an event and say so: their queue is not added to, so that they do not hold the others up. */
  let standing: ReadonlySet<number> = new Set();
  const life = { heard: Date.now(), full: false, subscription: new AbortController() };

  const forget = dependencies.onSignal((signal: Signal) => {
    if (signal.kind === "rewind") {
      // Each batch behind a gap asks for a rewind of its own; those of an older chain were answered by this one.
      if (signal.chain === chain.id) end.abort("a worker met a gap");
    } else {
      noteApplied(chain, signal.lane, signal.position);
      arrived.ring();
    }
  });
  const loops = [receive(), send(), watch()];
  try {
    await Promise.race(loops);
    return String(ended.reason);
  } finally {
    end.abort("another loop of the chain ended");
    arrived.ring();
    room.ring();
    await Promise.allSettled(loops);
    forget();
  }

  async function receive(): Promise<void> {
    const { eventStore } = dependencies;
    while (!ended.aborted) {
      life.heard = Date.now();
      life.subscription = new AbortController();
      const signal = AbortSignal.any([ended, life.subscription.signal]);
      await receiveFrom(eventStore, chain.cursor?.position ?? chain.from, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (!signal.aborted) throw new Error("the subscription ended");
    }
  }

  async function receiveFrom(eventStore: EventStore, after: bigint, signal: AbortSignal): Promise<void> {
    const { categories } = chain.build.readModel;
    const from = after === beforeTheLog ? undefined : after;
    for await (const message of eventStore.subscribe({ categories, after: from, signal })) {
      life.heard = Date.now();
      if (signal.aborted) return;
      // A checkpoint message is only a sign of life: its position may lie beyond events that are not delivered yet.
      if (message.kind !== "event") continue;
      accept(chain, message.event, life.heard);
      arrived.ring();
      while (chain.buffered >= maxBuffered && !signal.aborted) {
        life.full = true;
        await room.wait(100);
      }
      life.full = false;
    }
  }

  async function send(): Promise<void> {
    const { queues, timing } = dependencies;
    const gate = openGate(chain.lanes.length, () => queues.waiting(standing));
    while (!ended.aborted) {
      await arrived.wait(chain.buffered > 0 ? timing.linger / 4 : 100);
      await gate.pass(ended);
      const batches = cutRipe(chain, Date.now(), timing);
      if (batches.length === 0) continue;
      // What a standing lane is not sent is a gap when it goes on, or found by the watch: it is rewound.
      const going = batches.filter((batch) => !standing.has(batch.lane));
      gate.sent(going.length);
      await queues.send(going, ended);
      room.ring();
    }
  }

  async function watch(): Promise<void> {
    const { pool, queues, timing } = dependencies;
    const watches: LaneWatch[] = chain.lanes.map(() => ({ seen: undefined, since: Date.now() }));
    while (!ended.aborted) {
      await pause(timing.watchEvery, ended);
      if (!life.full && Date.now() - life.heard > timing.silence) life.subscription.abort("silent");
      const checkpoints = await readCheckpoints(pool, chain.build);
      const behind = chain.lanes.filter((lane) => (checkpoints[lane.number]?.position ?? 0n) < lane.after);
      const troubles = behind.length > 0 ? await openTroubles(pool, chain.build) : [];
      standing = new Set(troubles.map((trouble) => trouble.lane));
      for (const lane of chain.lanes) {
        const checkpoint = checkpoints[lane.number]?.position ?? beforeTheLog;
        noteApplied(chain, lane.number, checkpoint);
        const queued = behind.includes(lane) ? await queues.queued(lane.number) : 0;
        const look = { checkpoint, sent: lane.after, queued, troubled: standing.has(lane.number) };
        const laneWatch = watches[lane.number];
        if (laneWatch !== undefined && mustRewind(laneWatch, look, Date.now(), timing)) {
          return end.abort(`lane ${lane.number} stands still at ${checkpoint}`);
        }
      }
    }
  }
}
