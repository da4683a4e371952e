import { Worker } from "node:worker_threads";

/** How often it looks, in milliseconds. */
const everyMs = 100;

/** In a thread, because a step that never ends leaves the process no time to look at itself. */
const program = `
  const { workerData } = require("node:worker_threads");
  const { parent, mostBytes, everyMs } = workerData;
  setInterval(() => {
    if (process.ppid !== parent || process.memoryUsage.rss() > mostBytes) process.kill(process.pid, "SIGKILL");
  }, everyMs);
`;

/**
 * Ends this process when it holds more than `mostMiB` of memory, buffers and all (the heap's own limit knows nothing of them), or
 * when the process that started it is gone.
 */
export function startWatchdog(mostMiB: number): void {
  const workerData = { parent: process.ppid, mostBytes: mostMiB * 1024 * 1024, everyMs };
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
  new Worker(program, { eval: true, execArgv: [], workerData, resourceLimits }).unref();
}
