import { type Client, inTransaction, type Pool, quoted } from "../../../platform/postgres.ts";
import type { Build } from "../../engine/core/build.ts";
import { partitionColumn, type Row } from "../../engine/core/declaration.ts";
import type { BuildSnapshot } from "../../engine/ports/readModelStore.ts";
import { readCheckpoints } from "./checkpoints.ts";
import { countParked } from "./parkedKeys.ts";
import { type StoredTable, storedTables } from "./tables.ts";

/** Rows per fetch of a cursor. */
const rowsAtOnce = 5_000;

/** See `ReadModelStore.snapshot`: one REPEATABLE READ transaction, which blocks no others. */
export function snapshot<Result>(
  pool: Pool,
  build: Build,
  work: (snapshot: BuildSnapshot) => Promise<Result>,
): Promise<Result> {
  return inTransaction(pool, async (client) => {
    await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // Between two reads the caller may fold the log for minutes.
    await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
    const tables = new Map(storedTables(build));
    return work({
      checkpoints: await readCheckpoints(client, build),
      parked: await countParked(client, build),
      rows: (table, keys) => {
        const stored = tables.get(table);
        if (stored === undefined) throw new Error(`${build.name} has no table ${table}`);
        return readRows(client, stored, keys);
      },
    });
  });
}

async function* readRows(
  client: Client,
  { path, table }: StoredTable,
  keys: readonly string[] | undefined,
): AsyncGenerator<Row> {
  const cursor = quoted(`rows_of_${path}`);
  const where = keys === undefined ? "" : `WHERE ${partitionColumn(table)} = ANY ($1)`;
  await client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT * FROM ${path} ${where}`, keys && [keys]);
  try {
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${rowsAtOnce} FROM ${cursor}`);
      yield* rows;
      if (rows.length < rowsAtOnce) return;
    }
  } finally {
    await client.query(`CLOSE ${cursor}`);
  }
}
