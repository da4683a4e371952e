import { Worker } from "node:worker_threads";

/** How often it checks, in milliseconds. */
const everyMs = 100;

/** In a thread, because an endless step would leave the main thread no time to check. */
const program = `
  const { workerData } = require("node:worker_threads");
  const { parent, mostBytes, everyMs } = workerData;
  setInterval(() => {
    if (process.ppid !== parent || process.memoryUsage.rss() > mostBytes) process.kill(process.pid, "SIGKILL");
  }, everyMs);
`;

/**
 * Ends this process if it uses more than `mostMiB` of memory, including buffers (the heap limit excludes them), or if its
 * parent process has died.
 */
export function startWatchdog(mostMiB: number): void {
  const workerData = { parent: process.ppid, mostBytes: mostMiB * 1024 * 1024, everyMs };
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
  new Worker(program, { eval: true, execArgv: [], workerData, resourceLimits }).unref();
}
