import type { Client, Pool } from "../../platform/postgres.ts";
import type { LogPoint } from "./batch.ts";
import type { Build } from "./build.ts";

/** The checkpoints of a build's partitions, by partition number. */
export async function readCheckpoints(pool: Pool, build: Pick<Build, "schema">): Promise<readonly LogPoint[]> {
  const found = await pool.query<{ position: bigint; event_id: string }>({
    name: `checkpoints of ${build.schema}`,
    text: `SELECT position, event_id FROM ${build.schema}.checkpoints ORDER BY partition`,
  });
  return found.rows.map((row) => ({ position: row.position, eventId: row.event_id }));
}

/** Locks a partition's checkpoint until the transaction ends, and reads its position. */
export async function lockCheckpoint(client: Client, build: Build, partition: number): Promise<bigint> {
  const found = await client.query<{ position: bigint }>({
    name: `lock checkpoint of ${build.schema}`,
    text: `SELECT position FROM ${build.schema}.checkpoints WHERE partition = $1 FOR UPDATE`,
    values: [partition],
  });
  const row = found.rows[0];
  if (row === undefined) throw new Error(`${build.schema} has no partition ${partition}`);
  return row.position;
}

/** Moves a partition's checkpoint, in the transaction that wrote what it stands for. */
export async function advanceCheckpoint(
  client: Client,
  build: Build,
  partition: number,
  upTo: LogPoint,
): Promise<void> {
  await client.query({
    name: `advance checkpoint of ${build.schema}`,
    text: `UPDATE ${build.schema}.checkpoints SET position = $2, event_id = $3 WHERE partition = $1`,
    values: [partition, upTo.position, upTo.eventId],
  });
}
