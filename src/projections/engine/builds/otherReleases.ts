import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";

/** A build that has not ended and is of another release. `fed`: that release's processes feed or fill it; nobody does while it is paused or waits. */
export type OtherBuild = BuildRecord & { readonly fed: boolean };

/** What is known of the read models of this release. */
type Versions = readonly Pick<ReadModel, "name" | "version">[];

/** Returns whether this release has the read model in the version of the build. */
export function isOfThisRelease(readModels: Versions, { readModel, version }: BuildRecord): boolean {
  return readModels.some((own) => own.name === readModel && own.version === version);
}

export function hasEnded({ state }: BuildRecord): boolean {
  return state !== "live" && state !== "building";
}

/** The builds among `records` that have not ended and are of no read model of this release, or of another version. */
export async function otherBuilds(
  catalog: Pick<BuildCatalog, "fedBuilds">,
  readModels: Versions,
  records: readonly BuildRecord[],
): Promise<readonly OtherBuild[]> {
  const others = records.filter((record) => !hasEnded(record) && !isOfThisRelease(readModels, record));
  if (others.length === 0) return [];
  const fed = await catalog.fedBuilds();
  return others.map((record) => ({ ...record, fed: fed.has(record.name) }));
}

/** The command that ends a build of a release that is gone. */
export const retireCommand = ({ name }: Pick<BuildRecord, "name">) => `heima projections retire --build ${name}`;
