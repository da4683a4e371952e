import type { Epoch } from "../core/epoch.ts";
import { createWakeUp } from "../wakeUp.ts";
import type { DispatchDependencies } from "./dispatchDependencies.ts";
import { watchRate } from "./lingering.ts";

/** An epoch while it runs: what its loops (receive, send, watch, tick) share. */
export type RunningEpoch = {
  readonly dependencies: DispatchDependencies;
  readonly epoch: Epoch;
  /** Ends all loops. */
  readonly end: (reason: string) => void;
  /** Aborted by `end`, and when the build is stopped. */
  readonly ended: AbortSignal;
  /** Events arrived, or a partition advanced: batches may be ready. */
  readonly arrived: WakeUp;
  /** Batches were sent: there is room for more events. */
  readonly room: WakeUp;
  /** Batches were sent: there is something to watch. */
  readonly sent: WakeUp;
  readonly rate: ReturnType<typeof watchRate>;
  /** Partitions that nothing is sent to (see blockedPartitions.ts). */
  blocked: ReadonlySet<number>;
  /** By partition: when a signal said last that it advanced (ms). */
  readonly advancedAt: number[];
  /** When the subscription delivered last (ms), whether it is not read because too much is buffered, and how to end it. */
  readonly subscription: { heard: number; isFull: boolean; stop: AbortController };
};

type WakeUp = ReturnType<typeof createWakeUp>;

export function createRunningEpoch(
  dependencies: DispatchDependencies,
  epoch: Epoch,
  blocked: ReadonlySet<number>,
  stop: AbortSignal,
): RunningEpoch {
  const end = new AbortController();
  return {
    dependencies,
    epoch,
    end: (reason) => end.abort(reason),
    ended: AbortSignal.any([stop, end.signal]),
    arrived: createWakeUp(),
    room: createWakeUp(),
    sent: createWakeUp(),
    rate: watchRate(),
    blocked,
    advancedAt: epoch.partitions.map(() => Number.NEGATIVE_INFINITY),
    subscription: { heard: performance.now(), isFull: false, stop: new AbortController() },
  };
}
