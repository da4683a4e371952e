import { createCodec } from "../../src/event-store/codec.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { connectRedis } from "../../src/platform/redis.ts";
import { fillBuild } from "../../src/projections/engine/builds/fill/fillBuild.ts";
import { defaultTiming } from "../../src/projections/engine/timing.ts";
import { dropQueues } from "../../src/projections/engine/transport/queues.ts";
import type { World } from "./world.ts";

/** Events a second of a rebuild from the log's beginning, in this process. */
export async function rebuild(world: World, events: number) {
  const build = await world.newBuild();
  const begun = performance.now();
  const outcome = await fillBuild(
    { ...world, codec: createCodec(), timing: defaultTiming },
    build,
    new AbortController().signal,
  );
  const ms = performance.now() - begun;
  if (outcome !== "filled") throw new Error(`the build was ${outcome}`);
  return { build, rate: (events * 1_000) / ms, ms };
}

/** Events a second through dispatcher, BullMQ and worker, each a process of its own, from the log's beginning to its end. */
export async function live(world: World, events: number) {
  const build = await world.newBuild();
  await world.catalog.markFilled(build);
  const end = (await world.eventStore.readLogEnd()) ?? 0n;
  const worker = await world.start("worker");
  const dispatcher = await world.start("dispatcher");
  const begun = performance.now();
  let first: number | undefined;
  for (;;) {
    const checkpoints = await world.store.checkpoints(build);
    if (first === undefined && checkpoints.some(({ position }) => position >= 0n)) first = performance.now();
    if (checkpoints.every(({ position }) => position >= end)) break;
    if (performance.now() - begun > 600_000) throw new Error("the build does not come to the end of the log");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const ms = performance.now() - (first ?? begun);
  await Promise.all([dispatcher.stop(), worker.stop()]);
  await removeBuild(world, build);
  return { rate: (events * 1_000) / ms, ms };
}

/** Removes a build with everything it owns. */
export async function removeBuild(world: World, build: Parameters<typeof dropQueues>[0]): Promise<void> {
  await world.catalog.end(build, "retired", "measured");
  const redis = connectRedis({
    url: world.stack.environment.REDIS_URL ?? "",
    blocking: false,
    logger: createLogger("bench", "warn"),
  });
  await dropQueues(build, redis);
  redis.disconnect();
  await world.store.drop(build);
  await world.catalog.markDropped(build);
}
