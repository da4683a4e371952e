import { randomUUID } from "node:crypto";
import type { FillDependencies, FillLimits } from "../builds/fill/fillBuild.ts";
import { startFilling } from "../builds/fill/startFilling.ts";
import { followBuilds, type Running } from "../builds/followBuilds.ts";
import { isWaiting } from "../builds/waiting.ts";
import type { ReadModel } from "../core/declaration.ts";
import { readSkips } from "../log/skips.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import { listen, publish } from "../transport/signals.ts";
import { dividePartitions } from "./dividePartitions.ts";
import { startPartitionWorkers, type WorkerDependencies } from "./partitionWorkers.ts";
import { startSharedWorkers } from "./sharedWorkers.ts";

/** Applies batches to every live build, and fills new ones, until closed. */
export function startWorkers(
  dependencies: Omit<WorkerDependencies, "catalog"> & {
    readonly catalog: BuildCatalog;
    readonly eventStore: FillDependencies["eventStore"];
    readonly readModels: readonly ReadModel[];
    readonly limits?: FillLimits;
    /** Only for signals. */
    readonly subscriber: WorkerDependencies["redis"];
  },
): Running {
  const { catalog, readModels, timing, logger, subscriber, redis, eventStore, codec } = dependencies;
  const holder = randomUUID();
  const announce = (readModel: string) => publish(redis, { kind: "builds", readModel });
  const skips = (readModel: string) => readSkips(eventStore, codec, readModel);
  const shared = startSharedWorkers({ ...dependencies, member: holder });
  const follow = { catalog, readModels, everyMs: timing.buildsEvery, logger };
  const applying = followBuilds({
    ...follow,
    wants: ({ state, filled }) => state === "live" || filled,
    start: (build) => {
      const workers = startPartitionWorkers({ ...dependencies, skips }, build);
      shared.add(build, workers.ended);
      const partitions = { partitions: () => build.partitions, groupOf: () => build.name };
      return dividePartitions({ catalog, member: holder, timing, logger }, partitions, workers);
    },
  });
  const filling = followBuilds({
    ...follow,
    wants: (record) => record.state === "building" && !record.filled && !record.paused && !isWaiting(record),
    start: (build) => startFilling({ ...dependencies, holder, announce }, build),
  });
  listen(subscriber, "builds", () => {
    applying.refresh();
    filling.refresh();
  });
  return {
    async close() {
      await Promise.all([
        // Before the builds end in this process: what cannot be applied at once is still moved.
        shared.close().then(() => applying.close()),
        filling.close(),
      ]);
    },
  };
}
