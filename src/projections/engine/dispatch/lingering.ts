import { cpus } from "node:os";
import { type EventLoopUtilization, performance } from "node:perf_hooks";
import type { IdleLinger } from "../timing.ts";

/**
 * Returns the time that an idle partition lingers for more events, in ms, when the processors are busy for this part of the time
 * (0 to 1).
 */
export function idleLinger(utilisation: number, { fromUtilisation, fullUtilisation, min, max }: IdleLinger): number {
  if (utilisation < fromUtilisation) return 0;
  const above = Math.min(1, (utilisation - fromUtilisation) / Math.max(fullUtilisation - fromUtilisation, 0.01));
  // A high power: some ms while there is room, much when there is none, where a batch more is a command less.
  return min + above ** 4 * (max - min);
}

/** Events a second below which lingering saves nothing worth a wait, and from which it is done in full. */
const fewEvents = 50;
const manyEvents = 200;

/** The part of the time to linger that is worth it at so many events a second, from 0 to 1: with few there are few jobs anyway. */
export function worthLingering(perSecond: number): number {
  return Math.min(1, Math.max(0, (perSecond - fewEvents) / (manyEvents - fewEvents)));
}

/** Counts events; `perSecond` is as of the last half second that has ended. */
export function watchRate(now = () => performance.now()): {
  count(events: number): void;
  perSecond(): number;
} {
  let [begun, counted, rate] = [now(), 0, 0];
  return {
    count(events) {
      counted += events;
    },
    perSecond() {
      const elapsed = now() - begun;
      if (elapsed < sampleMs) return rate;
      rate = (counted * 1_000) / elapsed;
      begun += elapsed;
      counted = 0;
      return rate;
    },
  };
}

/** Processor time since the start of the machine, and what this process's event loop did. */
export type Times = { readonly busy: number; readonly total: number; readonly loop: EventLoopUtilization };

const sampleMs = 500;

/**
 * Measures the utilisation of the machine's processors, or of this process's event loop if that was higher: from 0 to 1. Sampled
 * at a call, at most every 500 ms.
 */
export function watchUtilisation(now = () => performance.now(), read: () => Times = readTimes): () => number {
  let last = read();
  let sampledAt = now();
  let utilisation = 0;
  return () => {
    const asked = now();
    if (asked - sampledAt < sampleMs) return utilisation;
    sampledAt = asked;
    const times = read();
    const total = times.total - last.total;
    const loop = performance.eventLoopUtilization(times.loop, last.loop).utilization;
    const latest = Math.max(total > 0 ? (times.busy - last.busy) / total : 0, loop);
    last = times;
    // Half of what was before, so that a short burst does not count as load.
    utilisation = (utilisation + Math.min(1, latest)) / 2;
    return utilisation;
  };
}

function readTimes(): Times {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const { user, nice, sys, irq, idle } = times;
    const used = user + nice + sys + irq;
    busy += used;
    total += used + idle;
  }
  return { busy, total, loop: performance.eventLoopUtilization() };
}
