import type { Worker } from "bullmq";
import type { Redis } from "../../../platform/redis.ts";
import { together } from "../../../platform/together.ts";

/** So often a queue is checked for stalled batches in any case: the check also trims what BullMQ notes of a queue's events. */
const checkAnywayMs = 30_000;

/** By connection: which of these keys there are in Redis. */
const asking = new WeakMap<Redis, (key: string) => Promise<boolean>>();

/**
 * Has a worker check its queue for stalled batches only while one is being worked at, in whatever process: without, there is nothing to find.
 * That is asked for all queues of this process in one command, where each check is a script of its own.
 */
export function checkWhileActive(worker: Pick<Worker, "backend" | "toKey">, redis: Redis): void {
  const { backend } = worker;
  const exists = asking.get(redis) ?? together((keys: readonly string[]) => whichExist(redis, keys));
  asking.set(redis, exists);
  const check = backend.moveStalledJobsToWait.bind(backend);
  const active = worker.toKey("active");
  let checkedAt = Number.NEGATIVE_INFINITY;
  backend.moveStalledJobsToWait = async () => {
    if (performance.now() - checkedAt < checkAnywayMs && !(await exists(active))) return [];
    checkedAt = performance.now();
    return check();
  };
}

async function whichExist(redis: Redis, keys: readonly string[]): Promise<readonly boolean[]> {
  const count = await redis.exists(...keys);
  if (count === 0 || count === keys.length) return keys.map(() => count > 0);
  return Promise.all(keys.map(async (key) => (await redis.exists(key)) === 1));
}
