import type { ListQueues } from "../http/queues/board.ts";
import type { Redis } from "../platform/redis.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../projections/engine/ports/buildCatalog.ts";
import { createQueuePool } from "../projections/engine/transport/queuePool.ts";
import { queueNames } from "../projections/engine/transport/queues.ts";
import { sharedPartitions, sharedQueueName } from "../projections/engine/transport/sharedQueues.ts";

/** The shared queues, and those of builds that receive events, listed again at each call; queues of builds that ended are closed. */
export function createListQueues(
  readModels: readonly ReadModel[],
  catalog: Pick<BuildCatalog, "buildsOf">,
  redis: Redis,
): ListQueues {
  // Errors are reported by the connection itself.
  const queues = createQueuePool(redis, () => {});
  const open = new Set<string>();
  let shared = 0;
  return async () => {
    const found = await Promise.all(readModels.map((readModel) => catalog.buildsOf(readModel)));
    const builds = found.flat().filter(({ filled }) => filled);
    const names = new Set(builds.flatMap(queueNames));
    for (const name of open) {
      if (names.has(name)) continue;
      open.delete(name);
      await queues.forget(name);
    }
    for (const name of names) open.add(name);
    shared = Math.max(shared, sharedPartitions(builds));
    const sharedNames = Array.from({ length: shared }, (_, partition) => sharedQueueName(partition));
    return [...sharedNames, ...open].map(queues.of);
  };
}
