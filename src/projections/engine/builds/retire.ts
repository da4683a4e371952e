import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";
import { hasEnded, isOfThisRelease } from "./otherReleases.ts";

/** The builds cannot be ended: they are of this release, in use, or their replacement is not live. */
class NotEnded extends Error {
  override readonly name = "NotEnded";
}

type Catalog = Pick<BuildCatalog, "list" | "end" | "fedBuilds">;
type Version = Pick<ReadModel, "name" | "version">;

const reason = "an operator retired its version";

/**
 * Ends the builds of versions older than this release's, or only of `version`; their own release stops feeding them, and a
 * dispatcher drops them. Resolves with the ended builds. Rejects with NotEnded for this release's version or a newer one, and
 * while this release's is not live, since the older release may be serving all queries.
 */
export async function retireOlder(
  catalog: Pick<BuildCatalog, "list" | "end">,
  readModel: Version,
  onlyVersion?: number,
): Promise<readonly BuildRecord[]> {
  const { name, version } = readModel;
  if (onlyVersion !== undefined && onlyVersion >= version) {
    throw new NotEnded(`version ${onlyVersion} of ${name} is not older than this release's, which is ${version}`);
  }
  const builds = await catalog.list();
  const older = unendedOf(builds, name).filter((build) =>
    onlyVersion === undefined ? build.version < version : build.version === onlyVersion,
  );
  if (older.length > 0) requireLive(builds, readModel);
  return endAll(catalog, older);
}

/**
 * Ends the builds of a version newer than this release's, after a rollback. Rejects with NotEnded for a version that is not newer,
 * while this release's is not live, and while processes of the newer release feed or fill one.
 */
export async function retireNewer(
  catalog: Catalog,
  readModel: Version,
  version: number,
): Promise<readonly BuildRecord[]> {
  if (version <= readModel.version) {
    throw new NotEnded(
      `version ${version} of ${readModel.name} is not newer than this release's, which is ${readModel.version}`,
    );
  }
  const builds = await catalog.list();
  const newer = unendedOf(builds, readModel.name).filter((build) => build.version === version);
  if (newer.length > 0) requireLive(builds, readModel);
  for (const build of newer) await refuseFed(catalog, build);
  return endAll(catalog, newer);
}

/**
 * Ends a build of another release, also of a read model that this one does not have. Rejects with NotEnded if there is no such build, for a build of this
 * release, while this release's version of the read model is not live, and while processes of the other release feed or fill it.
 */
export async function retireBuild(
  catalog: Catalog,
  readModels: readonly Version[],
  name: string,
): Promise<BuildRecord> {
  const builds = await catalog.list();
  const build = unendedNamed(builds, name);
  if (isOfThisRelease(readModels, build)) {
    throw new NotEnded(
      `${name} is of this release's version; heima projections rebuild ${build.readModel} replaces it`,
    );
  }
  const own = readModels.find((readModel) => readModel.name === build.readModel);
  if (own !== undefined) requireLive(builds, own);
  await refuseFed(catalog, build);
  if ((await endAll(catalog, [build])).length === 0) throw new NotEnded(`${name} has ended in the meantime`);
  return build;
}

/**
 * Ends a build that is being built, as failed; of any release. Rejects with NotEnded if there is none of this name, and for one of another release
 * while processes of that release feed or fill it.
 */
export async function cancelBuild(
  catalog: Catalog,
  readModels: readonly Version[],
  name: string,
): Promise<BuildRecord> {
  const build = unendedNamed(await catalog.list(), name);
  if (build.state !== "building") throw new NotEnded(`${name} is ${build.state}, not being built`);
  if (!isOfThisRelease(readModels, build)) await refuseFed(catalog, build);
  if (!(await catalog.end(build, "failed", "cancelled"))) throw new NotEnded(`${name} is not being built any more`);
  return build;
}

async function endAll(catalog: Pick<BuildCatalog, "end">, builds: readonly BuildRecord[]) {
  const ended: BuildRecord[] = [];
  for (const build of builds) if (await catalog.end(build, "retired", reason)) ended.push(build);
  return ended;
}

const unendedOf = (builds: readonly BuildRecord[], name: string) =>
  builds.filter((build) => build.readModel === name && !hasEnded(build));

function unendedNamed(builds: readonly BuildRecord[], name: string): BuildRecord {
  const build = builds.find((record) => record.name === name && !hasEnded(record));
  if (build === undefined) throw new NotEnded(`there is no build ${name} that is live or being built`);
  return build;
}

function requireLive(builds: readonly BuildRecord[], { name, version }: Version): void {
  if (unendedOf(builds, name).some((build) => build.version === version && build.state === "live")) return;
  throw new NotEnded(`version ${version} of ${name} is not live yet: heima projections wait ${name}`);
}

async function refuseFed(catalog: Pick<BuildCatalog, "fedBuilds">, { name }: BuildRecord): Promise<void> {
  if (!(await catalog.fedBuilds()).has(name)) return;
  throw new NotEnded(
    `${name} is fed or filled by another release: stop the dispatcher and the workers of that release first`,
  );
}
