import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` at once and then `everyMs` milliseconds after each run, until closed; without the wait when it resolved with "again". `close`
 * aborts the signal that `work` is given, and resolves when the run under way has ended. A run that rejects is told to `onFailure`,
 * and the next one comes as usual.
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
