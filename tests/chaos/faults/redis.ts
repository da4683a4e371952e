import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { sendSignal } from "../world/world.ts";
import { type FaultContext, insist, NotAvailable, pidOf } from "./fault.ts";

/** Empties Redis while it runs. */
export async function flushall({ world }: FaultContext): Promise<string> {
  await insist(async () => {
    const redis = new Redis(world.environment.REDIS_URL ?? "", { maxRetriesPerRequest: 0, lazyConnect: true });
    redis.on("error", () => {});
    try {
      await redis.connect();
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
  });
  return "FLUSHALL";
}

/** Redis is killed and comes back without its append-only files. */
export async function redisEmpty({ world }: FaultContext): Promise<string> {
  if (world.foreign.includes("redis")) throw new NotAvailable("the files of a given Redis are not ours");
  const files = join(world.dataDir, "redis", "appendonlydir");
  const pid = await pidOf(world, "redis");
  // Suspended, so that it writes nothing between the loss of its files and its end.
  sendSignal(pid, "SIGSTOP");
  await rename(files, `${files}.lost`);
  sendSignal(pid, "SIGKILL");
  await rm(`${files}.lost`, { recursive: true });
  return "Redis killed with kill -9 and started again empty";
}
