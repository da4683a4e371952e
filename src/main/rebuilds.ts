import type { ProjectionsDependencies } from "../http/projections/endpoints.ts";
import type { Redis } from "../platform/redis.ts";
import { OtherPartitions, requestRebuild } from "../projections/engine/builds/requestRebuild.ts";
import type { BuildCatalog } from "../projections/engine/ports/buildCatalog.ts";
import { publish } from "../projections/engine/transport/signals.ts";
import { findReadModel } from "../projections/registry.ts";

/** Starts rebuilds requested over HTTP; workers find the new build in the catalog. */
export function rebuildsOf(
  catalog: Pick<BuildCatalog, "add" | "buildsOf" | "setPaused">,
  redis: Redis,
): ProjectionsDependencies["rebuild"] {
  return async (name, partitions) => {
    const readModel = findReadModel(name);
    try {
      const { build, did } = await requestRebuild(catalog, readModel, partitions);
      await publish(redis, { kind: "builds", readModel: name });
      return { build: build.name, did };
    } catch (error) {
      if (error instanceof OtherPartitions) return undefined;
      throw error;
    }
  };
}
