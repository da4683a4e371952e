import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` at once and again `everyMs` milliseconds after each run, until closed; without a pause if it resolved with
 * "again". `close` aborts the signal passed to `work`, and resolves when the current run has ended. If a run rejects,
 * `onFailure` is called and the next run follows as usual.
 */
export function repeatUntilClosed(
  work: (closing: AbortSignal) => Promise<unknown>,
  { everyMs, onFailure }: { readonly everyMs: number; readonly onFailure: (error: unknown) => void },
): { close(): Promise<void> } {
  const stop = new AbortController();
  const { signal } = stop;
  const run = async () => {
    while (!signal.aborted) {
      const result = await work(signal).catch(onFailure);
      if (result !== "again") await sleep(everyMs, undefined, { signal }).catch(() => {});
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
