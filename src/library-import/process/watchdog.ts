import { Worker } from "node:worker_threads";
import { limitSignals } from "./ends.ts";

/** How often it checks, in milliseconds. */
const everyMs = 100;

/** In a thread, because an endless step would leave the main thread no time to check. */
const program = `
  const { workerData } = require("node:worker_threads");
  const { parent, mostBytes, mostCpu, signals, everyMs } = workerData;
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const most = Number(Atomics.load(mostCpu, 0));
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
    else if (process.memoryUsage.rss() > mostBytes) process.kill(process.pid, signals.memory);
    else if (most > 0 && user + system > most) process.kill(process.pid, signals.processorTime);
  }, everyMs);
`;

/**
 * Ends this process by one of `limitSignals` if it uses more than `mostMiB` of memory, including buffers (the heap limit
 * excludes them), or more processor time than the function returned has allowed it from that call on; by SIGKILL if its parent
 * process has died. Time is that of all its threads, in milliseconds, so that it is the same on a busy machine; null: any.
 */
export function startWatchdog(mostMiB: number): (cpuMs: number | null) => void {
  /** The processor time at which the process ends, in microseconds since its start, or 0. */
  const mostCpu = new BigInt64Array(new SharedArrayBuffer(8));
  const limits = { mostBytes: mostMiB * 1024 * 1024, mostCpu, signals: limitSignals };
  const workerData = { parent: process.ppid, everyMs, ...limits };
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
  new Worker(program, { eval: true, execArgv: [], workerData, resourceLimits }).unref();
  return (cpuMs) => {
    const { user, system } = process.cpuUsage();
    Atomics.store(mostCpu, 0, cpuMs === null ? 0n : BigInt(Math.round(user + system + cpuMs * 1_000)));
  };
}
