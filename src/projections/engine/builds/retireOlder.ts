import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";

/** The builds asked for cannot be retired: they are not of an older version, or what takes their place is not live. */
export class NotRetired extends Error {
  override readonly name = "NotRetired";
}

/**
 * Ends the builds of versions older than this release's, or of `version` alone; their own release stops feeding them, and a
 * dispatcher drops them. Resolves with those that were ended. Rejects with NotRetired for the version of this release or a
 * newer one, and as long as this release's is not live: the queries of the older release may be the only ones.
 */
export async function retireOlder(
  catalog: Pick<BuildCatalog, "list" | "end">,
  { name, version }: Pick<ReadModel, "name" | "version">,
  onlyVersion?: number,
): Promise<readonly BuildRecord[]> {
  if (onlyVersion !== undefined && onlyVersion >= version) {
    throw new NotRetired(`version ${onlyVersion} of ${name} is not older than this release's, which is ${version}`);
  }
  const builds = (await catalog.list()).filter(({ readModel }) => readModel === name);
  const older = builds.filter(
    (build) =>
      (build.state === "live" || build.state === "building") &&
      (onlyVersion === undefined ? build.version < version : build.version === onlyVersion),
  );
  if (older.length > 0 && !builds.some((build) => build.version === version && build.state === "live")) {
    throw new NotRetired(`version ${version} of ${name} is not live yet: heima projections wait ${name}`);
  }
  const ended: BuildRecord[] = [];
  for (const build of older) {
    if (await catalog.end(build, "retired", "an operator retired its version")) ended.push(build);
  }
  return ended;
}
