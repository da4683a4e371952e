import { defaultPartitions } from "../../../platform/config.ts";
import type { BuildPlace } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";

/** What a request for a rebuild did: a new build was added, one that was paused goes on, or one is being built anyway. */
export type RequestedRebuild = { readonly build: BuildPlace; readonly did: "added" | "resumed" | "already_building" };

/** A build of the read model is on its way with another number of partitions. */
export class OtherPartitions extends Error {
  override readonly name = "OtherPartitions";
}

/**
 * Asks for a new build of the read model's version beside the live one, from the log's beginning; or lets the one that is
 * being built go on, if it was paused. Without `partitions` it has as many as the live one. Workers find it in the catalog;
 * who calls publishes the `builds` signal. Rejects with OtherPartitions.
 */
export async function requestRebuild(
  catalog: Pick<BuildCatalog, "add" | "buildsOf" | "setPaused">,
  readModel: ReadModel,
  partitions: number | undefined,
): Promise<RequestedRebuild> {
  for (;;) {
    const builds = await catalog.buildsOf(readModel);
    const building = builds.find(({ state }) => state === "building");
    if (building !== undefined) return resume(catalog, building, partitions);
    const live = builds.find(({ state }) => state === "live");
    const wanted = partitions ?? live?.partitions ?? defaultPartitions;
    // Somebody else may have asked meanwhile.
    const build = await catalog.add(readModel, wanted, { unless: ["building"] });
    if (build !== undefined) return { build, did: "added" };
  }
}

async function resume(
  catalog: Pick<BuildCatalog, "setPaused">,
  building: BuildRecord,
  partitions: number | undefined,
): Promise<RequestedRebuild> {
  if (partitions !== undefined && partitions !== building.partitions) {
    throw new OtherPartitions(
      `${building.name} is being built with ${building.partitions} partitions: cancel it first, or let it end`,
    );
  }
  if (building.paused) await catalog.setPaused(building, false);
  return { build: building, did: building.paused ? "resumed" : "already_building" };
}
