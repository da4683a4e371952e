import { readdir, readlink, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Kills what an earlier, killed start left running in a data folder, and waits until it is gone (ten seconds at most,
 * then rejects). Postgres and Redis both make their data folder the working directory of all their processes. Only Linux tells
 * it; elsewhere nothing is done, and the engine itself refuses a folder that is in use.
 */
export async function killLeftOver(dataDir: string): Promise<void> {
  const dir = await realpath(dataDir).catch(() => undefined);
  if (dir === undefined) return;
  for (let attempt = 0; attempt < 200; attempt++) {
    const pids = await processesIn(dir);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await sleep(50);
  }
  throw new Error(`processes of an earlier start still run in ${dir}`);
}

async function processesIn(dir: string): Promise<number[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await readlink(`/proc/${pid}/cwd`).catch(() => "")) === dir ? [Number(pid)] : [])),
  );
  return found.flat();
}
