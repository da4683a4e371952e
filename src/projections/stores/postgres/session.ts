import type { Client, Pool } from "../../../platform/postgres.ts";
import type { Build } from "../../engine/core/build.ts";
import type { Row } from "../../engine/core/declaration.ts";
import { partitionOf } from "../../engine/core/partition.ts";
import { type Found, foundWhere, type Patterns } from "../../engine/core/plan.ts";
import type { ByTable, Checkpoint, PartitionSession } from "../../engine/ports/readModelStore.ts";
import { advanceCheckpoint } from "./checkpoints.ts";
import { leaveOut } from "./leftOut.ts";
import { loadTables } from "./loading.ts";
import { park, parkedEventsOf, parkedKeysOf, unpark } from "./parked.ts";
import { findRows, wipeRows, writeRows } from "./rows.ts";
import { storedTables } from "./tables.ts";

const none: ReadonlyMap<string, bigint> = new Map();

/** A session on a partition whose checkpoint this transaction has locked. */
export function openSession(client: Client, build: Build, partition: number, checkpoint: Checkpoint): PartitionSession {
  return {
    checkpoint,
    parkedKeys: async () => (checkpoint.parkedKeys === 0 ? none : parkedKeysOf(client, build, partition)),
    parked: (key) => parkedEventsOf(client, build, partition, key),
    load: (keys) => loadTables(client, build, keys),
    find: async (patterns) => ofPartition(build, partition, await findInTables(client, build, patterns)),
    write: (changes) => writeTables(client, build, changes),
    park: (events) => park(client, build, partition, events),
    unpark: (key, kept = []) => unpark(client, build, partition, key, kept),
    leaveOut: (eventIds) => leaveOut(client, build, eventIds),
    advance: (upTo) => advanceCheckpoint(client, build, partition, upTo),
  };
}

/** The rows that match the patterns, by key text. */
export async function findInTables(
  client: Client | Pool,
  build: Build,
  patterns: Patterns,
): Promise<Map<string, ReadonlyMap<string, Row>>> {
  const found = new Map<string, ReadonlyMap<string, Row>>();
  for (const [name, stored] of storedTables(build)) {
    const ofTable = patterns.get(name);
    if (ofTable !== undefined) found.set(name, await findRows(client, stored, ofTable));
  }
  return found;
}

/** Rows of other partitions must not be touched: those may be behind, and need them. */
function ofPartition(
  { readModel, partitions }: Build,
  partition: number,
  found: ByTable<ReadonlyMap<string, Row>>,
): Found {
  const rows = new Map([...found].map(([name, ofTable]) => [name, [...ofTable.values()]]));
  return foundWhere(readModel, rows, (key) => partitionOf(key, partitions) === partition);
}

async function writeTables(
  client: Client,
  build: Build,
  changes: Parameters<PartitionSession["write"]>[0],
): Promise<void> {
  for (const [name, stored] of storedTables(build)) {
    const change = changes.get(name);
    if (change === undefined) continue;
    if (change.wipes.length > 0) await wipeRows(client, stored, change.wipes);
    await writeRows(client, stored, change.rows.values());
  }
}
