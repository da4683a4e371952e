import { defaultPartitions } from "../../../platform/config.ts";
import type { BuildRef } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";
import { isWaiting } from "./waiting.ts";

/** The result of a request: a build was added, a paused or waiting one resumed, or one is already being built. */
export type RequestedRebuild = { readonly build: BuildRef; readonly did: "added" | "resumed" | "already_building" };

/** A build of the read model with another number of partitions is in progress. */
export class OtherPartitions extends Error {
  override readonly name = "OtherPartitions";
}

/**
 * Adds a build of the read model's version beside the live one, starting at the beginning of the log; if one is in progress,
 * resumes it if it was paused or waits. Default for `partitions`: those of the live build. Workers find the build in the catalog; the
 * caller publishes the `builds` signal. Rejects with OtherPartitions.
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
    // Another request may have added one in the meantime.
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
  const stands = building.paused || isWaiting(building);
  if (stands) await catalog.setPaused(building, false);
  return { build: building, did: stands ? "resumed" : "already_building" };
}
