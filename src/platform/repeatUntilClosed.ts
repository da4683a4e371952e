import { setTimeout as sleep } from "node:timers/promises";

/** `longestMs`: the pause after failures doubles with each one in a row, up to this; `everyMs` unless given. */
export type Pauses = { readonly everyMs: number; readonly longestMs?: number };

/** The pause after so many failures in a row, in milliseconds. */
export function pauseAfter(failures: number, { everyMs, longestMs = everyMs }: Pauses): number {
  return Math.max(everyMs, Math.min(everyMs * 2 ** (failures - 1), longestMs));
}

/**
 * Runs `work` at once and again `everyMs` milliseconds after each run, until closed; without a pause if it resolved with
 * "again". `close` aborts the signal passed to `work`, and resolves when the current run has ended. If a run rejects,
 * `onFailure` is called, and the next run follows after `pauseAfter`.
 */
export function repeatUntilClosed(
  work: (closing: AbortSignal) => Promise<unknown>,
  { onFailure, ...pauses }: Pauses & { readonly onFailure: (error: unknown) => void },
): { close(): Promise<void> } {
  const stop = new AbortController();
  const { signal } = stop;
  const run = async () => {
    let failures = 0;
    while (!signal.aborted) {
      const result = await work(signal).then(
        (done) => {
          failures = 0;
          return done;
        },
        (error: unknown) => {
          failures++;
          onFailure(error);
        },
      );
      if (result !== "again") await sleep(pauseAfter(failures, pauses), undefined, { signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    async close() {
      stop.abort(new Error("the process ends"));
      await running;
    },
  };
}
