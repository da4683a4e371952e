import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { hasEnded, type OtherBuild, otherBuilds, retireCommand } from "./otherReleases.ts";
import { isWaiting, waitsText } from "./waiting.ts";

/** A build that has not reached a log position, the reason, and what to do; as text for people. */
export type Obstacle = {
  readonly build: string;
  readonly message: string;
  readonly hint: string;
  /** Its store does not tell its checkpoints. */
  readonly unreachable?: true;
};

/** By store, the hint for when it does not answer. */
const ofStores = {
  postgres: { store: "Postgres", hint: "start Postgres or correct DATABASE_URL; heima doctor says more" },
  elasticsearch: {
    store: "Elasticsearch",
    hint: "start Elasticsearch or correct ELASTICSEARCH_URL; heima doctor says more",
  },
} as const;

/** The number of partitions of all builds that are at or past the position, their total, and the obstacles of the others. */
export type PassedBy = {
  readonly passed: number;
  readonly partitions: number;
  readonly obstacles: readonly Obstacle[];
};

/**
 * Checks whether every checkpoint of every active build, of any version and release, is at or past `position`. A build
 * that is being filled has not reached it, even if its checkpoints have. If the catalog cannot be read, no build has. `readModels`: of
 * this release; builds of others have other hints.
 */
export async function findObstacles(
  catalog: Pick<BuildCatalog, "list" | "fedBuilds">,
  store: Pick<ReadModelStore, "checkpoints">,
  readModels: readonly ReadModel[],
  position: bigint,
): Promise<PassedBy> {
  let listed: readonly BuildRecord[];
  let others: readonly OtherBuild[];
  try {
    listed = await catalog.list();
    others = await otherBuilds(catalog, readModels, listed);
  } catch (error) {
    const message = `they cannot be listed: ${(error as Error).message}`;
    const { hint } = ofStores.postgres;
    return { passed: 0, partitions: 0, obstacles: [{ build: "all builds", message, hint, unreachable: true }] };
  }
  const builds = listed.filter((build) => !hasEnded(build));
  const checks = await Promise.all(
    builds.map((build) => {
      const other = others.find(({ name }) => name === build.name);
      return checkBuild(store, build, other === undefined ? undefined : hintOn(other), position);
    }),
  );
  return {
    passed: checks.reduce((sum, { passed }) => sum + passed, 0),
    partitions: builds.reduce((sum, { partitions }) => sum + partitions, 0),
    obstacles: checks.flatMap(({ obstacle }) => (obstacle === undefined ? [] : [obstacle])),
  };
}

/** What to do about a build of another release. */
function hintOn(build: OtherBuild): string {
  if (build.fed) return "wait: its release works on it (heima projections status of that release)";
  return `start dispatcher and workers of its release, or, if that is gone: ${retireCommand(build)}`;
}

/** `otherHint`: what to do if the build is of another release. */
async function checkBuild(
  store: Pick<ReadModelStore, "checkpoints">,
  build: BuildRecord,
  otherHint: string | undefined,
  position: bigint,
): Promise<{ readonly passed: number; readonly obstacle?: Obstacle }> {
  const { name, readModel, state, filled, paused, waits } = build;
  const obstacle = (message: string, ownHint: string) => {
    return { passed: 0, obstacle: { build: name, message, hint: otherHint ?? ownHint } };
  };
  if (state === "building" && !filled) {
    if (paused) return obstacle("its fill is paused", `heima projections rebuild ${readModel} continues it`);
    if (waits && isWaiting(build))
      return obstacle(`its fill ${waitsText(waits)}`, `heima projections rebuild ${readModel} begins it`);
    return obstacle(
      "it is filled from the log",
      `wait until it is (heima projections status), or heima projections cancel ${readModel}`,
    );
  }
  let late: { readonly partition: number; readonly position: bigint }[];
  try {
    late = (await store.checkpoints(build))
      .map((checkpoint, partition) => ({ partition, position: checkpoint.position }))
      .filter((checkpoint) => checkpoint.position < position);
  } catch (error) {
    const { store: from, hint } = ofStores[build.store ?? "postgres"];
    const message = `its checkpoints cannot be read from ${from}: ${(error as Error).message}`;
    return { passed: 0, obstacle: { build: name, message, hint, unreachable: true } };
  }
  const [first] = late;
  if (first === undefined) return { passed: build.partitions };
  const message = `partition ${first.partition} is at ${first.position}, ${late.length} of ${build.partitions} are before ${position}`;
  const passed = build.partitions - late.length;
  return { ...obstacle(message, "see why it does not advance: heima projections status"), passed };
}
