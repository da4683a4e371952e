import type { Pool } from "../platform/postgres.ts";
import type { Redis } from "../platform/redis.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import { openQueues } from "../projections/engine/transport/queues.ts";
import type { Check } from "./check.ts";

/** Whether every partition of every read model that is built has a worker that listens to its queue. */
export function workersCheck(pool: Pool, connect: () => Redis, readModels: readonly ReadModel[]): Check {
  return {
    name: "workers",
    needs: "redis",
    async run(signal) {
      const redis = connect();
      signal.addEventListener("abort", () => redis.disconnect());
      try {
        let partitions = 0;
        const alone: string[] = [];
        const catalog = createCatalog(pool);
        const builds = (await Promise.all(readModels.map((readModel) => catalog.buildsOf(readModel)))).flat();
        for (const build of builds.filter(({ filled }) => filled)) {
          const queues = openQueues(build, redis);
          for (const queue of queues) queue.on("error", () => {});
          const counts = await Promise.all(queues.map((queue) => queue.getWorkersCount()));
          partitions += counts.length;
          alone.push(
            ...counts.flatMap((count, partition) => (count === 0 ? [`partition ${partition} of ${build.name}`] : [])),
          );
        }
        if (partitions > 0 && alone.length === 0) return { status: "ok", says: `listen to ${partitions} partitions` };
        const todo = "start one (npm run start:worker), or nothing new becomes visible";
        return {
          status: "warning",
          says: partitions === 0 ? "have nothing to listen to yet" : `none for ${alone.join(", ")}`,
          todo,
        };
      } finally {
        redis.disconnect();
      }
    },
  };
}
