import type { Pool } from "../platform/postgres.ts";
import type { Redis } from "../platform/redis.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import { pause } from "../projections/engine/timing.ts";
import { openQueues, type PartitionQueue } from "../projections/engine/transport/queues.ts";
import {
  isShared,
  openSharedQueue,
  sharedPartitions,
  sharedQueueName,
} from "../projections/engine/transport/sharedQueues.ts";
import type { Check, Finding } from "./check.ts";
import { ownBuilds } from "./ownBuilds.ts";

type AnyQueue = Pick<PartitionQueue, "getWorkersCount" | "toKey"> & {
  getWaiting(first: number, last: number): Promise<{ readonly id?: string }[]>;
  getActive(first: number, last: number): Promise<{ readonly id?: string }[]>;
};

/** A live worker takes a waiting batch within milliseconds, and renews its lock on a batch every second. */
const timeoutMs = 1_000;
/** Workers look into the queues that are seldom used once a second, and listen when there is something. */
const seldomTimeoutMs = 3_000;

/**
 * Checks that every partition of every read model with builds has a worker that listens to its queue, takes batches, and is
 * alive: a worker that hangs or was suspended stays connected.
 */
export function workersCheck(pool: Pool, connect: () => Redis, readModels: readonly ReadModel[]): Check {
  return {
    name: "workers",
    needs: ["redis", "migrations"],
    async run(signal) {
      const redis = connect();
      signal.addEventListener("abort", () => redis.disconnect());
      try {
        let partitions = 0;
        const [alone, deaf, silent]: [string[], string[], string[]] = [[], [], []];
        const catalog = createCatalog(pool);
        const builds = await ownBuilds(catalog, readModels);
        const silentFor = await catalog.silentFor();
        const fed = builds.filter(({ filled }) => filled);
        const groups = [
          ...Array.from({ length: sharedPartitions(fed) }, (_, partition) => ({
            name: sharedQueueName(partition),
            queues: [openSharedQueue(partition, redis)],
            isSeldomUsed: false,
            placeOf: () => `partition ${partition} of all builds`,
          })),
          ...fed.map((build) => ({
            name: build.name,
            queues: openQueues(build, redis),
            isSeldomUsed: isShared(build),
            placeOf: (partition: number) => `partition ${partition} of ${build.name}`,
          })),
        ];
        const lookAtGroup = async ({ name, queues, isSeldomUsed, placeOf }: (typeof groups)[number]) => {
          for (const queue of queues) queue.on("error", () => {});
          const found = await Promise.all(queues.map((queue) => lookAt(queue, isSeldomUsed, redis, signal)));
          partitions += found.length;
          found.forEach((state, partition) => {
            const place = placeOf(partition);
            if (state === "alone") alone.push(place);
            if (state === "deaf") deaf.push(place);
          });
          if (!found.includes("alone") && (silentFor.get(name) ?? 1) > 0) silent.push(name);
        };
        await Promise.all(groups.map(lookAtGroup));
        return findingOf(partitions, alone, deaf, silent);
      } finally {
        redis.disconnect();
      }
    },
  };
}

function findingOf(
  partitions: number,
  alone: readonly string[],
  deaf: readonly string[],
  silent: readonly string[],
): Finding {
  const hint = "start one (npm run start:worker), or nothing new becomes visible";
  const again = "restart the workers; see their logs";
  if (partitions === 0) return { status: "warning", message: "have nothing to listen to yet", hint };
  if (alone.length > 0) return { status: "warning", message: `none for ${alone.join(", ")}`, hint };
  if (deaf.length > 0)
    return { status: "warning", message: `connected, but do not take what waits for ${deaf.join(", ")}`, hint: again };
  if (silent.length > 0)
    return { status: "warning", message: `send no heartbeat for ${silent.join(", ")}`, hint: again };
  return { status: "ok", message: `listen to ${partitions} partitions` };
}

/** The state of a queue's workers; one look is enough unless something waits. */
async function lookAt(
  queue: AnyQueue,
  isSeldomUsed: boolean,
  redis: Redis,
  signal: AbortSignal,
): Promise<"alone" | "deaf" | "well"> {
  const isAlone = async () => (await queue.getWorkersCount()) === 0;
  if (!isSeldomUsed && (await isAlone())) return "alone";
  const first = await untaken(queue, redis);
  if (first === undefined) return "well";
  await pause(isSeldomUsed ? seldomTimeoutMs : timeoutMs, signal);
  if ((await untaken(queue, redis)) !== first) return "well";
  return (await isAlone()) ? "alone" : "deaf";
}

/** The next waiting batch, unless a worker holds one: it has a lock on it as long as it is alive. */
async function untaken(queue: AnyQueue, redis: Redis): Promise<string | undefined> {
  const [[next], [active]] = await Promise.all([queue.getWaiting(0, 0), queue.getActive(0, 0)]);
  if (active === undefined) return next?.id;
  const isHeld = (await redis.exists(queue.toKey(`${active.id}:lock`))) > 0;
  return isHeld ? undefined : active.id;
}
