import type { Client, Pool } from "../../platform/postgres.ts";
import { type Build, type BuildRef, buildName } from "../engine/core/build.ts";
import type { ReadModel } from "../engine/core/declaration.ts";

/**
 * The only SQL that changes `projections.builds.state`: none → building → live → retired, or building → failed or retired. Each
 * change names the states it may start from; within a transaction, states and rows change in one step.
 */
const nextStates = { building: ["live", "retired", "failed"], live: ["retired"] } as const;

/** `read_model_vN_bM` of a row of `projections.builds`, like `buildName`; the table may have an alias. */
export const nameInSql = (builds = "builds"): string =>
  `${builds}.read_model || '_v' || ${builds}.version || '_b' || ${builds}.number`;

/** Inserts a build in the state `building`. */
export async function insertBuilding(
  client: Client,
  readModel: ReadModel,
  {
    number,
    partitions,
    shape,
    replacements,
  }: { readonly number: number; readonly partitions: number; readonly shape: string; readonly replacements: number },
): Promise<Build> {
  await client.query(
    `INSERT INTO projections.builds (read_model, version, number, partitions, shape, store, replacements, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'building')`,
    [
      readModel.name,
      readModel.version,
      number,
      partitions,
      shape,
      readModel.index ? "elasticsearch" : "postgres",
      replacements,
    ],
  );
  const name = buildName(readModel, number);
  return { readModel, number, partitions, name, ...(readModel.index && { store: "elasticsearch" }) };
}

/** Returns whether the build is still `building`; locks its state until the transaction ends. */
export async function lockBuilding(client: Client, build: BuildRef): Promise<boolean> {
  const found = await client.query(
    `SELECT FROM projections.builds WHERE ${nameInSql()} = $1 AND state = 'building' FOR UPDATE`,
    [build.name],
  );
  return found.rowCount === 1;
}

/** Returns whether the build is live; locks its state until the transaction ends. */
export async function isLive(client: Client, build: BuildRef): Promise<boolean> {
  const found = await client.query(
    `SELECT FROM projections.builds WHERE ${nameInSql()} = $1 AND state = 'live' FOR SHARE`,
    [build.name],
  );
  return found.rowCount === 1;
}

/** Makes `next` live and `previous` retired, in the client's transaction, which must hold `lockBuilding` of `next`. */
export async function swapLive(client: Client, next: BuildRef, previous: BuildRef | undefined): Promise<void> {
  if (previous !== undefined) await change(client, previous, "retired", `${next.name} took its place`);
  if (!(await change(client, next, "live", null))) throw new Error(`${next.name} is not building any more`);
}

/** See `BuildCatalog.end`. */
export function endBuild(
  db: Pool | Client,
  build: BuildRef,
  state: "retired" | "failed",
  reason: string,
): Promise<boolean> {
  return change(db, build, state, reason.replaceAll("\0", "\ufffd").slice(0, 1_000));
}

/** Ends a build in any state; false if it had ended. */
export async function endBuildInAnyState(client: Client, build: BuildRef, reason: string): Promise<boolean> {
  return (await endBuild(client, build, "failed", reason)) || (await endBuild(client, build, "retired", reason));
}

/** False, without a change, if the build is in no state from which this change is allowed. */
async function change(
  db: Pool | Client,
  build: BuildRef,
  state: "live" | "retired" | "failed",
  reason: string | null,
): Promise<boolean> {
  const before = Object.entries(nextStates).filter(([, next]) => (next as readonly string[]).includes(state));
  const changed = await db.query(
    `UPDATE projections.builds
     SET state = $2, reason = $3, filled = filled OR $2 = 'live', ended_at = CASE WHEN $2 <> 'live' THEN now() END
     WHERE ${nameInSql()} = $1 AND state = ANY ($4)`,
    [build.name, state, reason, before.map(([from]) => from)],
  );
  return changed.rowCount === 1;
}
