import type { CompareDependencies } from "../cli/projections/compare.ts";
import type { Projected, ReplayProjectDependencies } from "../cli/replay/project.ts";
import { createCodec } from "../event-store/codec.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { createTrials } from "../projections/catalog/trials.ts";
import { fillBuild } from "../projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../projections/engine/core/build.ts";
import { lowestPosition } from "../projections/engine/core/positions.ts";
import { defaultTiming } from "../projections/engine/timing.ts";
import { compareStored, type StoredBuild } from "../projections/engine/verify/compareStored.ts";
import { readModels } from "../projections/registry.ts";
import { compareBuilds } from "../projections/stores/postgres/compareBuilds.ts";
import { pathOf } from "../projections/stores/postgres/tables.ts";
import { createTrialStore } from "../projections/stores/postgres/trialStore.ts";
import { loadReadModel } from "../replay/project/loadReadModel.ts";
import type { CliParts } from "./cliParts.ts";
import { withStores } from "./stores.ts";

/** The number of parked keys shown. */
const parkedShown = 20;

type Parts = Pick<CliParts, "pool" | "eventStore" | "logger">;

/** Builds the read model of a file in its own schema, with the engine's fill. Rejects with a readable Error. */
export async function projectTrial(
  { pool, eventStore, logger }: Parts,
  { file, schema, replace }: Parameters<ReplayProjectDependencies["projectTrial"]>[0],
  { onProgress, signal }: Parameters<ReplayProjectDependencies["projectTrial"]>[1],
  madeBy: string,
): Promise<Projected> {
  const { readModel, digest } = await loadReadModel(file);
  const trials = createTrials(pool);
  const trial = { schema, readModel: readModel.name, version: readModel.version, digest, madeBy };
  let known = await trials.add(trial);
  if (replace && typeof known === "object") {
    await trials.drop(schema);
    known = await trials.add(trial);
  }
  if (known === "taken") throw new Error(`the schema ${schema} is there, and is no trial`);
  if (known !== undefined && known.digest !== digest)
    throw new Error(`${schema} was made of another file, or ${file} has changed since: use --replace, or another name`);
  const build: Build = { readModel, number: 0, partitions: 1, name: schema };
  const store = createTrialStore(pool);
  const outcome = await fillBuild(
    {
      store,
      eventStore,
      logger,
      codec: createCodec(),
      timing: defaultTiming,
      catalog: {
        reportProgress: async (_, progress) => onProgress({ ...progress, at: new Date() }),
        forgetFillStarts: async () => {},
        // The progress of a trial is not recorded.
        list: async () => [],
      },
    },
    build,
    signal,
  );
  if (outcome === "moved") throw new Error(`another process fills ${schema}`);
  const isComplete = outcome === "filled";
  if (isComplete) await trials.markFilled(schema);
  const tables: { table: string; rows: bigint }[] = [];
  for (const table of Object.keys(readModel.tables)) {
    const { rows } = await pool.query<{ rows: bigint }>(`SELECT count(*) AS rows FROM ${pathOf(schema, table)}`);
    tables.push({ table, rows: rows[0]?.rows ?? 0n });
  }
  return {
    schema,
    isComplete,
    tables,
    position: lowestPosition(await store.checkpoints(build)),
    parked: await store.parked(build, { limit: parkedShown }),
  };
}

/** Compares two builds by their names. Rejects with a readable Error. */
export async function compareNamed(
  { pool }: Pick<CliParts, "pool">,
  ...[first, second, max]: Parameters<CompareDependencies["compareBuilds"]>
): ReturnType<CompareDependencies["compareBuilds"]> {
  const [one, other] = [await buildNamed(pool, first), await buildNamed(pool, second)];
  const builds = { first: one.name, second: other.name };
  if (one.store === undefined && other.store === undefined)
    return { ...(await compareBuilds(pool, one.name, other.name, max)), builds };
  const declared = [declaredBuild(one), declaredBuild(other)] as const;
  if (one.readModel !== other.readModel)
    throw new Error(`${first} is a build of ${one.readModel}, ${second} of ${other.readModel}`);
  return withStores(pool, async (store) => {
    const [a, b] = declared.map((build) => ({ build, store }));
    return { ...(await compareStored(a as StoredBuild, b as StoredBuild, max)), builds };
  });
}

type Named = Pick<Build, "name" | "number" | "partitions" | "store"> & {
  readonly readModel: string;
  readonly version: number;
};

async function buildNamed(pool: CliParts["pool"], name: string): Promise<Named> {
  const builds = await createCatalog(pool).list();
  const named = builds.find((build) => build.name === name && !build.dropped);
  const found = named ?? builds.find(({ readModel, state }) => readModel === name && state === "live");
  if (found !== undefined) return found;
  const trial = (await createTrials(pool).list()).find(({ schema }) => schema === name);
  if (trial !== undefined) return { ...trial, name, number: 0, partitions: 1 };
  throw new Error(
    `${name} is no build, no live read model and no trial (heima projections status, heima replay trials)`,
  );
}

/** A build as this release declares it: what lies in an index can be read only so. */
function declaredBuild({ name, number, partitions, store, readModel: of, version }: Named): Build {
  const readModel = readModels.find((known) => known.name === of);
  if (readModel?.version !== version)
    throw new Error(`${name} is of version ${version} of ${of}, which this release cannot compare with an index`);
  return { name, number, partitions, readModel, ...(store !== undefined && { store }) };
}
