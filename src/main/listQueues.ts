import type { ListQueues } from "../http/queues/board.ts";
import type { Redis } from "../platform/redis.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../projections/engine/ports/buildCatalog.ts";
import { openQueues } from "../projections/engine/transport/queues.ts";
import { openSharedQueue, sharedPartitions } from "../projections/engine/transport/shared/sharedQueues.ts";

/** The shared queues, and those of builds that receive events, listed anew at each call; queues of builds that ended are closed. */
export function createListQueues(
  readModels: readonly ReadModel[],
  catalog: Pick<BuildCatalog, "buildsOf">,
  redis: Redis,
): ListQueues {
  const open = new Map<string, ReturnType<typeof openQueues>>();
  const shared: ReturnType<typeof openSharedQueue>[] = [];
  return async () => {
    const found = await Promise.all(readModels.map((readModel) => catalog.buildsOf(readModel)));
    const builds = found.flat().filter(({ filled }) => filled);
    for (const [name, queues] of open) {
      if (builds.some((build) => build.name === name)) continue;
      open.delete(name);
      await Promise.all(queues.map((queue) => queue.close()));
    }
    for (const build of builds) {
      if (open.has(build.name)) continue;
      const queues = openQueues(build, redis);
      // Errors are reported by the connection itself; without a listener they would end the process.
      for (const queue of queues) queue.on("error", () => {});
      open.set(build.name, queues);
    }
    while (shared.length < sharedPartitions(builds)) {
      const queue = openSharedQueue(shared.length, redis);
      queue.on("error", () => {});
      shared.push(queue);
    }
    return [...shared, ...[...open.values()].flat()];
  };
}
