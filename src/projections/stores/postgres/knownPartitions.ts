import type { LogPoint } from "../../engine/core/batch.ts";
import type { BuildPlace } from "../../engine/core/build.ts";
import type { Row, Table } from "../../engine/core/declaration.ts";
import type { Checkpoint } from "../../engine/ports/readModelStore.ts";

/** The most partitions that are remembered, and rows of each. Measured: some 600 bytes a row. */
const maxPartitions = 64;
const maxRows = 2_000;

/**
 * A partition as this process left it: rows by table and key text, null for one that is not there. True as long as the
 * checkpoint is that one and no key was parked or retried there, since nobody else writes rows.
 */
export type KnownPartition = { readonly checkpoint: KnownCheckpoint; readonly rows: KnownRows };
export type KnownCheckpoint = LogPoint & Pick<Checkpoint, "parkedVersion">;
export type KnownRows = Map<string, Map<string, Row | null>>;

/** What this process remembers of the partitions that it wrote last. Each is taken out while it is worked on. */
export function createKnownPartitions() {
  const partitions = new Map<string, KnownPartition>();
  const placeOf = (build: BuildPlace, partition: number) => `${build.name} ${partition}`;
  return {
    take(build: BuildPlace, partition: number): KnownPartition | undefined {
      const place = placeOf(build, partition);
      const known = partitions.get(place);
      partitions.delete(place);
      return known;
    },
    put(build: BuildPlace, partition: number, known: KnownPartition): void {
      partitions.set(placeOf(build, partition), known);
      const [oldest] = partitions.keys();
      if (partitions.size > maxPartitions && oldest !== undefined) partitions.delete(oldest);
    },
  };
}

/** Remembers a row, or that there is none; forgets it if Postgres may give it back as another. */
export function remember(rows: KnownRows, name: string, table: Table, text: string, row: Row | null): void {
  const ofTable = rows.get(name) ?? new Map<string, Row | null>();
  rows.set(name, ofTable);
  ofTable.delete(text);
  if (row === null || comesBackAsItIs(table, row)) ofTable.set(text, row);
}

/** Forgets the rows that were remembered first, until there are few enough. */
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
        // Years of four digits: how others are written and read is nobody's affair here.
        return value instanceof Date && value.getTime() > -62_000_000_000_000 && value.getTime() < 253_000_000_000_000;
    }
  });
}
