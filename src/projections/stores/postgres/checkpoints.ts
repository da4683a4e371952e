import { coalesce } from "../../../platform/coalesce.ts";
import type { Client, Pool } from "../../../platform/postgres.ts";
import type { LogPoint } from "../../engine/core/batch.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { Checkpoint } from "../../engine/ports/readModelStore.ts";
import { isAway } from "./classify.ts";
import { statementName } from "./statementName.ts";
import { pathOf } from "./tables.ts";

type Stored = {
  readonly position: bigint;
  readonly event_id: string;
  readonly parked_keys: number;
  readonly parked_version: bigint;
};

const toCheckpoint = (row: Stored): Checkpoint => ({
  position: row.position,
  eventId: row.event_id,
  parkedKeys: row.parked_keys,
  parkedVersion: row.parked_version,
});

/** The checkpoints of a build's partitions, by partition number. */
export async function readCheckpoints(db: Pool | Client, build: BuildRef): Promise<readonly Checkpoint[]> {
  const found = await db.query<Stored>({
    name: statementName("checkpoints", build.name),
    text: `SELECT position, event_id, parked_keys, parked_version FROM ${pathOf(build.name, "checkpoints")} ORDER BY partition`,
  });
  return found.rows.map(toCheckpoint);
}

/** The most sets of builds whose checkpoints have a prepared statement: each stays in every connection. */
const maxPrepared = 32;

/** Reads checkpoints as `readCheckpoints` does, those of all builds that are asked for in one turn of the event loop in one statement. */
export function createCheckpointReader(pool: Pool): (build: BuildRef) => Promise<readonly Checkpoint[]> {
  const prepared = new Set<string>();

  const readAll = async (names: readonly string[]): Promise<ReadonlyMap<string, readonly Checkpoint[]>> => {
    const name = statementName("checkpoints", ...names);
    if (prepared.size < maxPrepared) prepared.add(name);
    const found = await pool.query<Stored & { readonly build: number }>({
      ...(prepared.has(name) && { name }),
      text: `${names
        .map(
          (build, index) =>
            `SELECT ${index} AS build, partition, position, event_id, parked_keys, parked_version FROM ${pathOf(build, "checkpoints")}`,
        )
        .join(" UNION ALL ")} ORDER BY build, partition`,
    });
    const read = new Map<string, Checkpoint[]>(names.map((build) => [build, []]));
    for (const row of found.rows) read.get(names[row.build] as string)?.push(toCheckpoint(row));
    return read;
  };

  const ask = coalesce(async (builds: readonly BuildRef[]) => {
    const names = [...new Set(builds.map(({ name }) => name))].sort();
    const all =
      names.length === 1
        ? undefined
        : await readAll(names).catch((error: unknown) => {
            if (isAway(error)) throw error;
            // If one build was dropped meanwhile, the statement fails for all; then each is queried alone.
            return undefined;
          });
    const read = (build: BuildRef) => readCheckpoints(pool, build);
    return builds.map((build): (() => Promise<readonly Checkpoint[]>) => {
      const found = all?.get(build.name);
      return found === undefined ? () => read(build) : () => Promise.resolve(found);
    });
  });
  return async (build) => (await ask(build))();
}

/** Locks a partition's checkpoint until the transaction ends, and reads it. */
export async function lockCheckpoint(client: Client, build: BuildRef, partition: number): Promise<Checkpoint> {
  const found = await client.query<Stored>({
    name: statementName("lock checkpoint", build.name),
    text: `SELECT position, event_id, parked_keys, parked_version FROM ${pathOf(build.name, "checkpoints")} WHERE partition = $1 FOR UPDATE`,
    values: [partition],
  });
  const [row] = found.rows;
  if (row === undefined) throw new Error(`${build.name} has no partition ${partition}`);
  return toCheckpoint(row);
}

/** Locks all checkpoints of a build, always in the order of their numbers, and reads them. */
export async function lockCheckpoints(client: Client, build: BuildRef): Promise<readonly Checkpoint[]> {
  const found = await client.query<Stored>(
    `SELECT position, event_id, parked_keys, parked_version FROM ${pathOf(build.name, "checkpoints")} ORDER BY partition FOR UPDATE`,
  );
  return found.rows.map(toCheckpoint);
}

/** Moves a partition's checkpoint, in the transaction that wrote what it stands for. */
export async function advanceCheckpoint(
  client: Client,
  build: BuildRef,
  partition: number,
  upTo: LogPoint,
): Promise<void> {
  await client.query({
    name: statementName("advance checkpoint", build.name),
    text: `UPDATE ${pathOf(build.name, "checkpoints")} SET position = $2, event_id = $3 WHERE partition = $1`,
    values: [partition, upTo.position, upTo.eventId],
  });
}

/** Moves every checkpoint of a build to the same event. */
export async function advanceCheckpoints(client: Client, build: BuildRef, upTo: LogPoint): Promise<void> {
  await client.query(`UPDATE ${pathOf(build.name, "checkpoints")} SET position = $1, event_id = $2`, [
    upTo.position,
    upTo.eventId,
  ]);
}
