import { Worker } from "node:worker_threads";
import { limitSignals } from "./ends.ts";

/** The interval of the checks, in milliseconds. */
const everyMs = 100;

/** In a thread, because an endless step would leave the main thread no time to check. */
const program = `
  const { workerData } = require("node:worker_threads");
  const { parent, maxBytes, maxCpu, signals, everyMs } = workerData;
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const limit = Number(Atomics.load(maxCpu, 0));
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
    else if (process.memoryUsage.rss() > maxBytes) process.kill(process.pid, signals.memory);
    else if (limit > 0 && user + system > limit) process.kill(process.pid, signals.processorTime);
  }, everyMs);
`;

/**
 * Ends this process by one of `limitSignals` if it uses more than `maxMiB` of memory, including buffers (the heap limit
 * excludes them), or more processor time than the function returned has allowed it from that call on; by SIGKILL if its parent
 * process has died. Time is that of all its threads, in milliseconds, so that it is the same on a busy machine; null: any.
 */
export function startWatchdog(maxMiB: number): (cpuMs: number | null) => void {
  /** The processor time at which the process ends, in microseconds since its start, or 0. */
  const maxCpu = new BigInt64Array(new SharedArrayBuffer(8));
  const limits = { maxBytes: maxMiB * 1024 * 1024, maxCpu, signals: limitSignals };
  const workerData = { parent: process.ppid, everyMs, ...limits };
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
  new Worker(program, { eval: true, execArgv: [], workerData, resourceLimits }).unref();
  return (cpuMs) => {
    const { user, system } = process.cpuUsage();
    Atomics.store(maxCpu, 0, cpuMs === null ? 0n : BigInt(Math.round(user + system + cpuMs * 1_000)));
  };
}
