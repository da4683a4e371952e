import type { Build } from "../../src/projections/engine/core/build.ts";
import { cpuOfTree } from "./cpu.ts";
import { appendAtRate } from "./log.ts";
import type { World } from "./world.ts";

/** Milliseconds of CPU per event of each projecting process, with a live build and single events at a fixed rate. */
export async function costAtRate(
  world: World,
  build: Build,
  perSecond: number,
  forMs: number,
): Promise<{ readonly events: number; readonly parts: Record<string, number> }> {
  const dispatcher = await world.start("dispatcher");
  const worker = await world.start("worker");
  // Until Node has optimised the hot code.
  await appendAtRate(world.eventStoreUrl, Math.max(perSecond, 200), 5_000);
  await untilApplied(world, build);
  const { postgres, redis, eventstore } = world.stack.processes();
  const pids = {
    dispatcher: dispatcher.pid,
    worker: worker.pid,
    redis: redis?.pid ?? 0,
    postgres: postgres?.pid ?? 0,
    "event store": eventstore?.pid ?? 0,
  };
  const read = async () =>
    Object.fromEntries(
      await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await cpuOfTree(pid)] as const)),
    );
  const before = await read();
  const events = await appendAtRate(world.eventStoreUrl, perSecond, forMs);
  await untilApplied(world, build);
  const after = await read();
  await Promise.all([dispatcher.stop(), worker.stop()]);
  const parts = Object.fromEntries(
    Object.entries(after).map(([name, used]) => [name, ((used - (before[name] ?? 0)) * 1_000) / events]),
  );
  return { events, parts };
}

/** Includes the cost of applying all appended events. */
async function untilApplied({ eventStore, store }: World, build: Build): Promise<void> {
  const end = (await eventStore.readLogEnd()) ?? 0n;
  const begun = performance.now();
  while (!(await store.checkpoints(build)).every(({ position }) => position >= end)) {
    if (performance.now() - begun > 120_000) throw new Error("the build does not come to the end of the log");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
