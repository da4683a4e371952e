import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";

/** The builds cannot be retired: they are not of an older version, or their replacement is not live. */
class NotRetired extends Error {
  override readonly name = "NotRetired";
}

/**
 * Ends the builds of versions older than this release's, or only of `version`; their own release stops feeding them, and a
 * dispatcher drops them. Resolves with the ended builds. Rejects with NotRetired for this release's version or a newer one, and
 * while this release's is not live, since the older release may be serving all queries.
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
