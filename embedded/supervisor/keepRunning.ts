import { setTimeout as sleep } from "node:timers/promises";

/** A process that runs until it ends or is stopped. */
export type Part = {
  readonly pid: number;
  readonly exited: Promise<string>;
  /** Set if a signal must reach more than the process `pid`; false if there was no process. */
  readonly signal?: (signal: NodeJS.Signals) => boolean;
  stop(): Promise<void>;
};

export type Kept = {
  readonly name: string;
  /** null between an end and the next start. */
  pid(): number | null;
  /** Sends a signal; false between an end and the next start. */
  signal(signal: NodeJS.Signals): boolean;
  /** The number of restarts. */
  restarts(): number;
  /** Stops it permanently. */
  stop(): Promise<void>;
};

const firstDelayMs = 100;
const longestDelayMs = 2_000;
/** After this uptime the delay starts again with the first value. */
const steadyMs = 5_000;

/**
 * Starts a part and starts it again whenever it ends, after 100 ms, with growing delays of at most 2 s. Rejects when the first
 * start does; a later start that fails counts as an end. `report` is called for each end and each start.
 */
export async function keepRunning(
  name: string,
  start: () => Promise<Part>,
  report: (message: string) => void,
): Promise<Kept> {
  let part: Part | null = await start();
  let restarts = 0;
  let delayMs = firstDelayMs;
  const stopping = new AbortController();

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const how: string = part === null ? "did not start" : await part.exited;
      if (stopping.signal.aborted) return;
      part = null;
      if (Date.now() - startedAt >= steadyMs) delayMs = firstDelayMs;
      report(`${name} ended (${how}); starting it again in ${delayMs} ms`);
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      delayMs = Math.min(2 * delayMs, longestDelayMs);
      restarts++;
      part = await start().catch((error: Error) => {
        report(error.message);
        return null;
      });
      if (part !== null) report(`${name} runs again as process ${part.pid}`);
    }
  })();

  return {
    name,
    pid: () => part?.pid ?? null,
    signal: (signal) => part !== null && (part.signal?.(signal) ?? sendSignal(part.pid, signal)),
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      await part?.stop();
      await loop;
      // A start that was under way when the stop was requested has its process by now.
      await part?.stop();
    },
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
