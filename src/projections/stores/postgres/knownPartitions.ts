import type { LogPoint } from "../../engine/core/batch.ts";
import { type BuildRef, type PartitionId, partitionId } from "../../engine/core/build.ts";
import type { Row, Table } from "../../engine/core/declaration.ts";
import type { Checkpoint } from "../../engine/ports/readModelStore.ts";

/** The maximum number of cached partitions, and of rows of each. Measured: some 600 bytes per row. */
const maxPartitions = 64;
const maxRows = 2_000;

/**
 * A partition as this process left it: rows by table and key text, null for a missing row. Valid as long as the checkpoint is
 * unchanged and no key was parked or retried, because no other process writes rows. A table is in it once its rows were loaded: of
 * the rows of tables that are only written, none is cached.
 */
export type KnownPartition = { readonly checkpoint: KnownCheckpoint; readonly rows: KnownRows };
export type KnownCheckpoint = LogPoint & Pick<Checkpoint, "parkedVersion">;
export type KnownRows = Map<string, Map<string, Row | null>>;

/** A cache of the partitions that this process wrote last. A partition is taken out while it is worked on. */
export function createKnownPartitions() {
  const partitions = new Map<PartitionId, KnownPartition>();
  return {
    take(build: BuildRef, partition: number): KnownPartition | undefined {
      const id = partitionId(build.name, partition);
      const known = partitions.get(id);
      partitions.delete(id);
      return known;
    },
    put(build: BuildRef, partition: number, known: KnownPartition): void {
      partitions.set(partitionId(build.name, partition), known);
      const [oldest] = partitions.keys();
      if (partitions.size > maxPartitions && oldest !== undefined) partitions.delete(oldest);
    },
  };
}

/** Caches a row or its absence; drops it if Postgres may return it in another form. */
export function remember(ofTable: Map<string, Row | null>, table: Table, text: string, row: Row | null): void {
  ofTable.delete(text);
  if (row === null || comesBackAsItIs(table, row)) ofTable.set(text, row);
}

/** Drops the oldest rows beyond the limit. */
export function forgetOldest(rows: KnownRows): void {
  for (const ofTable of rows.values()) {
    for (const text of ofTable.keys()) {
      if (ofTable.size <= maxRows) break;
      ofTable.delete(text);
    }
  }
}

function comesBackAsItIs({ columns }: Table, row: Row): boolean {
  const names = Object.keys(columns);
  if (Object.keys(row).length !== names.length) return false;
  return names.every((name) => {
    const type = columns[name] ?? "text";
    const value = row[name];
    if (value === null) return type.endsWith("?");
    switch (type.replace("?", "")) {
      case "text":
        return typeof value === "string" && value.isWellFormed();
      case "bool":
        return typeof value === "boolean";
      case "int4":
        return Number.isInteger(value) && !Object.is(value, -0);
      case "int8":
        return typeof value === "bigint";
      default:
        // Only years of four digits: other years are parsed and formatted differently.
        return value instanceof Date && value.getTime() > -62_000_000_000_000 && value.getTime() < 253_000_000_000_000;
    }
  });
}
