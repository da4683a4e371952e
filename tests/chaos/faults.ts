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

const commands: { readonly [name: string]: string } = {
  postgres: "POSTGRES_START_COMMAND",
  redis: "REDIS_START_COMMAND",
  eventstore: "EVENTSTORE_START_COMMAND",
};

/** Why a fault cannot be done to this stack, or undefined when it can: what others run is not ours to kill. */
export function leftOut(fault: Fault, stack: Pick<Stack, "foreign">): string | undefined {
  const victim = fault.kind === "kill" ? fault.victim : fault.kind === "freeze postgres" ? "postgres" : undefined;
  const name = stack.foreign.find((foreign) => foreign === victim);
  if (name === undefined) return undefined;
  const what = fault.kind === "kill" ? `kill -9 ${name}` : fault.kind;
  return `LEFT OUT: ${what}, which is given without ${commands[name]}`;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

/** A process and all that descends from it, from /proc: the postmaster and its backends, be it under a shell. */
async function processTree(root: number): Promise<readonly number[]> {
  const children = new Map<number, number[]>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const pids = [root];
  for (const pid of pids) pids.push(...(children.get(pid) ?? []));
  return pids;
}
