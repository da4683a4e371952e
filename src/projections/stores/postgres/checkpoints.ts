import type { Client, Pool } from "../../../platform/postgres.ts";
import type { LogPoint } from "../../engine/core/batch.ts";
import type { BuildPlace } from "../../engine/core/build.ts";
import type { Checkpoint } from "../../engine/ports/readModelStore.ts";
import { statementName } from "./statementName.ts";

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
export async function readCheckpoints(db: Pool | Client, build: BuildPlace): Promise<readonly Checkpoint[]> {
  const found = await db.query<Stored>({
    name: statementName("checkpoints", build.name),
    text: `SELECT position, event_id, parked_keys, parked_version FROM ${build.name}.checkpoints ORDER BY partition`,
  });
  return found.rows.map(toCheckpoint);
}

/** Locks a partition's checkpoint until the transaction ends, and reads it. */
export async function lockCheckpoint(client: Client, build: BuildPlace, partition: number): Promise<Checkpoint> {
  const found = await client.query<Stored>({
    name: statementName("lock checkpoint", build.name),
    text: `SELECT position, event_id, parked_keys, parked_version FROM ${build.name}.checkpoints WHERE partition = $1 FOR UPDATE`,
    values: [partition],
  });
  const [row] = found.rows;
  if (row === undefined) throw new Error(`${build.name} has no partition ${partition}`);
  return toCheckpoint(row);
}

/** Locks all checkpoints of a build, always in the order of their numbers, and reads them. */
export async function lockCheckpoints(client: Client, build: BuildPlace): Promise<readonly Checkpoint[]> {
  const found = await client.query<Stored>(
    `SELECT position, event_id, parked_keys, parked_version FROM ${build.name}.checkpoints ORDER BY partition FOR UPDATE`,
  );
  return found.rows.map(toCheckpoint);
}

/** Moves a partition's checkpoint, in the transaction that wrote what it stands for. */
export async function advanceCheckpoint(
  client: Client,
  build: BuildPlace,
  partition: number,
  upTo: LogPoint,
): Promise<void> {
  await client.query({
    name: statementName("advance checkpoint", build.name),
    text: `UPDATE ${build.name}.checkpoints SET position = $2, event_id = $3 WHERE partition = $1`,
    values: [partition, upTo.position, upTo.eventId],
  });
}

/** Moves every checkpoint of a build to the same event. */
export async function advanceCheckpoints(client: Client, build: BuildPlace, upTo: LogPoint): Promise<void> {
  await client.query(`UPDATE ${build.name}.checkpoints SET position = $1, event_id = $2`, [
    upTo.position,
    upTo.eventId,
  ]);
}
