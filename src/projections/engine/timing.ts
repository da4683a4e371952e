/** The engine's time-outs, in milliseconds. All are seconds at most, so that what was stopped holds nothing for long. */
export type Timing = {
  /** A partition whose checkpoint has not moved for this long although more was sent is checked. */
  readonly standstill: number;
  /** The interval at which the dispatcher checks the checkpoints of a build that has not applied all that it was sent. */
  readonly watchEvery: number;
  /** And those of one that has, where there is little to see. */
  readonly watchIdleEvery: number;
  /** A subscription that was silent for this long is opened again. */
  readonly silence: number;
  /** A partition that has nothing of its own gets an empty batch after this long behind the others. */
  readonly idle: number;
  /**
   * A busy partition, which has a batch that it has not applied, lingers with its next one until it has, or for this long. So batches
   * grow with the load: a job and a transaction cost about the same whether they carry one event or a hundred.
   */
  readonly lingerBusy: number;
  /** Time that an idle partition, which has applied all that it was sent, lingers for more events. */
  readonly lingerIdle: IdleLinger;
  /** The first and the longest wait between tries after a fault. */
  readonly retryFirst: number;
  readonly retryMost: number;
  /** The wait between tries of an event that is refused. */
  readonly retryRefused: number;
  /** For how long a worker holds a job without a sign of life, and how often others check for such jobs. */
  readonly jobLock: number;
  readonly stalledEvery: number;
  /**
   * For how long the log may seem to end before a checkpoint until that counts: a node that has just become the leader knows less of the log
   * for a moment than the node from which the event came.
   */
  readonly logLag: number;
  /** The interval at which the catalog is read for new and ended builds. */
  readonly buildsEvery: number;
  /** The duration of a lease; it is renewed four times in that time. */
  readonly lease: number;
  /** Time after its end at which a build is dropped: by then every process has noticed. */
  readonly dropAfter: number;
  /** Maximum time for which a take-over may hold the old build's checkpoints while the new one catches up. */
  readonly takeOver: number;
};

/**
 * An idle partition does not linger while the processors are busy for less than `fromUtilisation` of the time (from 0 to 1). Above, it
 * lingers for a time between these two (ms), the longer the busier they are; for the longest from `fullUtilisation` on, where disks leave
 * no more. With few events a second it lingers for less, or not at all.
 */
export type IdleLinger = {
  readonly fromUtilisation: number;
  readonly fullUtilisation: number;
  readonly min: number;
  readonly max: number;
};

export const defaultTiming: Timing = {
  standstill: 3_000,
  watchEvery: 250,
  watchIdleEvery: 5_000,
  silence: 15_000,
  idle: 1_000,
  lingerBusy: 1_000,
  lingerIdle: { fromUtilisation: 0.6, fullUtilisation: 0.93, min: 10, max: 500 },
  retryFirst: 50,
  retryMost: 2_000,
  retryRefused: 5_000,
  jobLock: 3_000,
  stalledEvery: 1_000,
  logLag: 5_000,
  buildsEvery: 5_000,
  lease: 4_000,
  dropAfter: 10_000,
  takeOver: 2_000,
};

/** Resolves after `ms`, or at once when the signal is aborted. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** The wait before try `attempt` (from 1): doubling, with up to half of it taken off at random. */
export function backoff(timing: Timing, attempt: number): number {
  const full = Math.min(timing.retryFirst * 2 ** (attempt - 1), timing.retryMost);
  return full * (0.5 + Math.random() / 2);
}
