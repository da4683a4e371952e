import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import { chunksOf } from "../../../platform/chunksOf.ts";
import { type Client, inLongTransaction, type Pool } from "../../../platform/postgres.ts";
import { beforeTheLog } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { ChangesOfTable, RowChange } from "../../engine/core/changes.ts";
import type { Row } from "../../engine/core/declaration.ts";
import type { Fill, ParkedEvent } from "../../engine/ports/readModelStore.ts";
import { advanceCheckpoints, lockCheckpoints } from "./checkpoints.ts";
import { copyLines } from "./copyLines.ts";
import { leaveOut } from "./leftOut.ts";
import { parkAll } from "./parked.ts";
import { wipeRows, writeRows } from "./rows.ts";
import { onConflict } from "./statements.ts";
import { type StoredTable, storedTables } from "./tables.ts";

/** The time limit of a statement: copying and merging some hundred thousand rows takes longer than a query may. */
const statementMs = 10 * 60_000;

/** Rows per statement where COPY cannot be used. */
const rowsAtOnce = 5_000;

/** See `ReadModelStore.fill`. Uses COPY for empty tables; for others COPY into a temporary table, followed by one upsert. */
export function fill(
  pool: Pool,
  build: Build,
  { from, parkedVersions, changes, parked, leftOut, upTo }: Fill,
): Promise<"written" | "moved"> {
  return inLongTransaction(pool, statementMs, async (client) => {
    const checkpoints = await lockCheckpoints(client, build);
    const moved = checkpoints.some(
      ({ position, eventId, parkedVersion }, partition) =>
        position !== from.position || eventId !== from.eventId || parkedVersion !== parkedVersions[partition],
    );
    if (moved) return "moved";
    for (const [name, stored] of storedTables(build)) {
      const change = changes.get(name);
      if (change === undefined) continue;
      if (from.position === beforeTheLog) await copy(client, stored.path, stored, present(change.rows));
      else await merge(client, stored, change);
    }
    for (const [partition, events] of byPartition(parked)) await parkAll(client, build, partition, events);
    await leaveOut(client, build, leftOut);
    await advanceCheckpoints(client, build, upTo);
    return "written";
  });
}

function* present(changes: ReadonlyMap<string, RowChange>): Generator<Row> {
  for (const { row } of changes.values()) if (row !== null) yield row;
}

async function copy(client: Client, path: string, { table }: StoredTable, rows: Iterable<Row>): Promise<void> {
  const columns = Object.keys(table.columns);
  const sink = client.query(copyFrom(`COPY ${path} (${columns.join(", ")}) FROM STDIN`));
  await pipeline(Readable.from(copyLines(table, rows), { objectMode: false }), sink);
}

async function merge(client: Client, stored: StoredTable, change: ChangesOfTable): Promise<void> {
  const { path, table } = stored;
  for (const wipes of chunksOf(change.wipes, rowsAtOnce)) await wipeRows(client, stored, wipes);
  const gone = [...change.rows.values()].filter(({ row }) => row === null);
  for (const some of chunksOf(gone, rowsAtOnce)) await writeRows(client, stored, some);
  await client.query(`CREATE TEMP TABLE filling (LIKE ${path}) ON COMMIT DROP`);
  await copy(client, "filling", stored, present(change.rows));
  await client.query(`INSERT INTO ${path} SELECT * FROM filling ${onConflict(table)}`);
  await client.query("DROP TABLE filling");
}

function byPartition(parked: Fill["parked"]): ReadonlyMap<number, readonly ParkedEvent[]> {
  const sorted = new Map<number, ParkedEvent[]>();
  for (const { partition, ...event } of parked) {
    const others = sorted.get(partition) ?? [];
    sorted.set(partition, others);
    others.push(event);
  }
  return sorted;
}
