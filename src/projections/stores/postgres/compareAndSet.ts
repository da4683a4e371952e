import type { ConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";
import type { Pool } from "../../../platform/postgres.ts";
import type { LogPoint } from "../../engine/core/batch.ts";
import { type Build, partitionId } from "../../engine/core/build.ts";
import type { RowChange } from "../../engine/core/changes.ts";
import { coalesceStatements } from "./coalescedStatements.ts";
import type { KnownCheckpoint } from "./knownPartitions.ts";
import { statementName } from "./statementName.ts";
import { deleteWhere, type Piece, parted, upsert } from "./statements.ts";
import { pathOf, storedTables } from "./tables.ts";

/** By table the final state of each changed row, by key text. */
export type RowChanges = ReadonlyMap<string, ReadonlyMap<string, RowChange>>;

/** A partition's step from one checkpoint to the next, with the rows that it changes. */
export type PartitionStep = {
  readonly build: Build;
  readonly partition: number;
  readonly from: KnownCheckpoint;
  readonly upTo: LogPoint;
  readonly changes: RowChanges;
};

/**
 * Advances a partition's checkpoint and writes rows in one statement, if the checkpoint is still `from` and nothing is
 * parked in the partition; otherwise writes nothing and resolves with false. The update locks the checkpoint like a
 * transaction, and compares it once it has the lock; rows are written only if it returns a row.
 *
 * Small steps of one turn of the event loop, also of different builds, share a statement. A shared statement waits for
 * no lock: it skips a partition that is locked, whose step then resolves with false.
 */
export function createCompareAndSet(pool: Pool, limit: ConcurrencyLimit): (step: PartitionStep) => Promise<boolean> {
  return coalesceStatements<PartitionStep, boolean>({
    rowsOf: ({ changes }) => [...changes.values()].reduce((sum, { size }) => sum + size, 0),
    orderBy: ({ build, partition }) => partitionId(build.name, partition),
    statementOf(steps) {
      const { name, ...statement } = statementOf(steps);
      const run = async (mayPrepare: boolean) => {
        const { rows } = await pool.query<{ step: number }>({ ...statement, ...(mayPrepare && { name }) });
        const moved = new Set(rows.map(({ step }) => step));
        return steps.map((_, index) => moved.has(index));
      };
      return { name, run };
    },
    limit,
  });
}

/**
 * The name lists for each step, in order, its build and what it writes, so it determines the text. Only shared steps
 * skip locked checkpoints; a single step waits for the lock.
 */
function statementOf(steps: readonly PartitionStep[]): { name: string; text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parts: string[] = [];
  const shape: string[] = [];
  for (const [index, { build, partition, from, upTo, changes }] of steps.entries()) {
    const first =
      values.push(partition, from.position, from.eventId, from.parkedVersion, upTo.position, upTo.eventId) - 5;
    const isThere = `partition = $${first} AND position = $${first + 1} AND event_id = $${first + 2}
      AND parked_keys = 0 AND parked_version = $${first + 3}`;
    const table = pathOf(build.name, "checkpoints");
    const where =
      steps.length === 1
        ? isThere
        : `partition = (SELECT partition FROM ${table} WHERE ${isThere} FOR UPDATE SKIP LOCKED)`;
    parts.push(
      `moved${index} AS (UPDATE ${table} SET position = $${first + 4}, event_id = $${first + 5} WHERE ${where} RETURNING partition)`,
    );
    shape.push(build.name);
    const add = (kind: string, { text, values: more }: Piece) => {
      parts.push(`${kind}_${index} AS (${text})`);
      shape.push(kind);
      values.push(...more);
    };
    for (const [number, [name, stored]] of storedTables(build).entries()) {
      const { upserts, gone } = parted(changes.get(name)?.values() ?? []);
      const keys = stored.table.primaryKey;
      const and = `, moved${index}`;
      if (gone.length > 0) add(`gone${number}`, deleteWhere(stored, keys, gone, values.length + 1, and));
      if (upserts.length > 0) add(`written${number}`, upsert(stored, upserts, values.length + 1, and));
    }
  }
  const moved = steps.map((_, index) => `SELECT ${index} AS step FROM moved${index}`);
  return {
    name: statementName("apply", ...shape),
    text: `WITH ${parts.join(",\n")}\n${moved.join(" UNION ALL ")}`,
    values,
  };
}
