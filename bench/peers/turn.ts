import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../../embedded/supervisor/stack.ts";
import type { Reader } from "../commands/workload.ts";
import { cpuOfTree } from "../projections/cpu.ts";
import { type Driven, drive, type Told } from "./drive.ts";
import type { System } from "./system.ts";

/** A running system with its own readers. */
export type Contestant = System & {
  readonly api: Awaited<ReturnType<System["startApi"]>>;
  readonly readers: Reader[];
  readonly told: Told;
  readonly turns: Turn[];
};

export type Turn = Driven & {
  /** Time from the last answer until the read models had caught up, in seconds. */
  readonly lagSeconds: number;
  /** CPU seconds of each process with its children, until the read models had caught up. */
  readonly cpu: Readonly<Record<string, number>>;
};

/** Maximum time for the read models to catch up. */
const patienceMs = 120_000;

/**
 * Runs one turn: the projector is started and catches up, a warm-up, catching up again, then the measurement. The other systems
 * are idle meanwhile.
 */
export async function takeTurn(
  contestant: Contestant,
  stack: Stack,
  books: readonly string[],
  { connections, warmUpMs, forMs }: { connections: number; warmUpMs: number; forMs: number },
): Promise<Turn> {
  const { api, readers, told, keeps } = contestant;
  const projecting = (await contestant.startProjecting?.()) ?? [];
  try {
    const load = (ms: number) =>
      drive(api.url, readers, books, told, { connections, forMs: ms, isBlind: keeps === undefined });
    await untilUpToDate(contestant);
    await load(warmUpMs);
    await untilUpToDate(contestant);
    const engines = Object.entries(stack.processes()).map(([name, part]) => ({ name, pid: part?.pid ?? 0 }));
    const ours = [{ name: "api", child: api.child }, ...projecting].map(({ name, child }) => ({
      name,
      pid: child.pid,
    }));
    const parts = [...engines, ...ours].filter(({ pid }) => pid > 0);
    const used = () => Promise.all(parts.map(async ({ name, pid }) => [name, await cpuOfTree(pid)] as const));
    const before = new Map(await used());
    const driven = await load(forMs);
    const lagSeconds = await untilUpToDate(contestant);
    const cpu = Object.fromEntries((await used()).map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]));
    return { ...driven, lagSeconds, cpu };
  } finally {
    await Promise.all(projecting.map(({ child }) => child.stop("SIGTERM")));
  }
}

async function untilUpToDate({ isUpToDate, api, told, title }: Contestant): Promise<number> {
  const begun = performance.now();
  const acknowledged = [...told.acknowledged.values()].reduce((sum, count) => sum + count, 0);
  while (isUpToDate !== undefined && !(await isUpToDate(api.url, acknowledged))) {
    if (performance.now() - begun > patienceMs) throw new Error(`the read models of ${title} do not catch up`);
    await sleep(50);
  }
  return (performance.now() - begun) / 1_000;
}
