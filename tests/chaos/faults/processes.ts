import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type PartName, type ServerName, sendSignal, type World } from "../world/world.ts";
import { type DoFault, pidOf } from "./fault.ts";

/** A part that is being restarted cannot be killed: wait for it, so that each is killed as often as planned. */
export async function killPart(world: World, name: PartName): Promise<void> {
  while (!world.kill(name)) await sleep(20);
}

export const kill =
  (name: PartName): DoFault =>
  async ({ world }) => {
    await killPart(world, name);
    return `kill -9 ${name}`;
  };

/** SIGSTOP to a part and all its processes, SIGCONT after a while. */
export const stopAndContinue =
  (name: PartName): DoFault =>
  async ({ world, forMs }) => {
    // At least longer than the lock of a job (3 s) and a lease (4 s).
    const ms = Math.max(forMs, 5_000);
    const stopped = await processTree(await pidOf(world, name));
    for (const pid of stopped) sendSignal(pid, "SIGSTOP");
    await sleep(ms);
    for (const pid of stopped) sendSignal(pid, "SIGCONT");
    return `${name} stopped by SIGSTOP for ${ms / 1_000} s (${stopped.length} processes)`;
  };

/** Killed, and unreachable for a while: its links refuse connections, so the restart by the supervisor takes effect only afterwards. */
export const away =
  (name: ServerName): DoFault =>
  async ({ world, forMs }) => {
    const links = world.links.filter((link) => link.name.endsWith(`→${name}`));
    for (const link of links) link.refuse();
    await killPart(world, name);
    await sleep(forMs);
    for (const link of links) link.accept();
    return `${name} killed and away for ${forMs / 1_000} s`;
  };

/** A second dispatcher or worker beside the first, killed or stopped gracefully after a while. */
export const second =
  (name: "dispatcher" | "worker"): DoFault =>
  async ({ world, random, forMs }) => {
    const part = await world.startSecond(name);
    // It takes seconds to start.
    const ms = forMs + 5_000;
    await sleep(ms);
    const hard = random.next() < 0.5;
    if (hard) sendSignal(part.pid, "SIGKILL");
    else await part.stop();
    return `a second ${name} for ${ms / 1_000} s, then ${hard ? "kill -9" : "SIGTERM"}`;
  };

/** The clock of one of our processes is shifted, by at most an hour, and corrected after a while. */
export const clockJump: DoFault = async ({ world, random, forMs }) => {
  const name = random.pick(["api", "dispatcher", "worker"] as const);
  const seconds = random.pick([1, -1]) * random.pick([2, 30, 600, 3_600]);
  world.setClock(name, seconds * 1_000);
  await sleep(forMs);
  world.setClock(name, 0);
  return `the clock of ${name} off by ${seconds} s for ${forMs / 1_000} s`;
};

/** A process and all its descendants, from /proc: the postmaster and its backends. */
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
