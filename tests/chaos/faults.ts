import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Stack } from "../../embedded/supervisor/stack.ts";
import type { Fault } from "./plan.ts";

/** Does one fault to a running stack; resolves with a line that says what happened. */
export async function commit(fault: Fault, stack: Stack): Promise<string> {
  switch (fault.kind) {
    case "kill":
      // A part that is just being started again cannot be killed: wait for it, so that each is killed as often as planned.
      while (!stack.kill(fault.victim, "SIGKILL")) await sleep(50);
      return `kill -9 ${fault.victim}`;
    case "flushall": {
      const redis = new Redis(stack.environment.REDIS_URL ?? "", { maxRetriesPerRequest: null });
      redis.on("error", () => {});
      await redis.flushall();
      redis.disconnect();
      return "FLUSHALL";
    }
    case "freeze postgres": {
      const pid = stack.processes().postgres?.pid;
      if (pid == null) return "Postgres was away already";
      const frozen = await processTree(pid);
      for (const each of frozen) signal(each, "SIGSTOP");
      await sleep(fault.forMs);
      for (const each of frozen) signal(each, "SIGCONT");
      return `Postgres stood still for ${fault.forMs / 1000} s (${frozen.length} processes)`;
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

/** A process and its children, from /proc: the postmaster and its backends. */
async function processTree(root: number): Promise<readonly number[]> {
  const pids = [root];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(parent) === root) pids.push(Number(entry));
  }
  return pids;
}
