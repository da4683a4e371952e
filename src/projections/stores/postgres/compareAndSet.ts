import type { Pool } from "../../../platform/postgres.ts";
import type { LogPoint } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { RowChange } from "../../engine/core/fold.ts";
import type { KnownCheckpoint } from "./knownPartitions.ts";
import { statementName } from "./statementName.ts";
import { deleteWhere, type Piece, parted, upsert } from "./statements.ts";
import { storedTables } from "./tables.ts";

/** By table the final state of each changed row, by key text. */
export type RowChanges = ReadonlyMap<string, ReadonlyMap<string, RowChange>>;

/**
 * Advances a partition's checkpoint and writes rows in one statement, if the checkpoint is still `from` and nothing is parked
 * in the partition; otherwise writes nothing and resolves with false. The update locks the checkpoint like a transaction, and
 * compares it once it has the lock; rows are written only if it returns a row.
 */
export async function compareAndSet(
  pool: Pool,
  build: Build,
  partition: number,
  from: KnownCheckpoint,
  upTo: LogPoint,
  changes: RowChanges,
): Promise<boolean> {
  const values: unknown[] = [upTo.position, upTo.eventId, partition, from.position, from.eventId, from.parkedVersion];
  const parts: string[] = [];
  const kinds: string[] = [];
  const add = (kind: string, piece: Piece) => {
    kinds.push(kind);
    parts.push(`, ${kind} AS (${piece.text})`);
    values.push(...piece.values);
  };
  for (const [number, [name, stored]] of storedTables(build).entries()) {
    const { upserts, gone } = parted(changes.get(name)?.values() ?? []);
    const keys = stored.table.primaryKey;
    if (gone.length > 0) add(`gone${number}`, deleteWhere(stored, keys, gone, values.length + 1, ", moved"));
    if (upserts.length > 0) add(`written${number}`, upsert(stored, upserts, values.length + 1, ", moved"));
  }
  const moved = await pool.query({
    name: statementName("apply", build.name, ...kinds),
    text: `WITH moved AS (
             UPDATE ${build.name}.checkpoints SET position = $1, event_id = $2
             WHERE partition = $3 AND position = $4 AND event_id = $5 AND parked_keys = 0 AND parked_version = $6 RETURNING partition)
           ${parts.join("\n")} SELECT partition FROM moved`,
    values,
  });
  return moved.rows.length === 1;
}
