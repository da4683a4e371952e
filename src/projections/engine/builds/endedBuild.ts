import type { ReadModel } from "../core/declaration.ts";
import type { BuildRecord } from "../ports/buildCatalog.ts";

/**
 * The newest build of a version of a read model if it failed, or if all have ended; `records`: of all builds. Undefined if the newest one is
 * live or being built, or there is none. After a rebuild that failed another build may be live.
 */
export function endedBuildOf(
  records: readonly BuildRecord[],
  { name, version }: Pick<ReadModel, "name" | "version">,
): BuildRecord | undefined {
  const own = records.filter((record) => record.readModel === name && record.version === version);
  const newest = own.toSorted((a, b) => a.number - b.number).at(-1);
  const allEnded = own.every(({ state }) => state !== "live" && state !== "building");
  return newest?.state === "failed" || allEnded ? newest : undefined;
}
