import { type Client, inLongTransaction, type Pool } from "../../../platform/postgres.ts";
import { lowestPosition } from "../../engine/core/positions.ts";
import type { BuildComparison, RowDifference, TableComparison } from "../../engine/verify/buildComparison.ts";
import { readCheckpoints } from "./checkpoints.ts";
import { type ComparedTable, commonOf, tablesOf } from "./schemaTables.ts";
import { pathOf } from "./tables.ts";

/** The time limit of a join of two large tables, in milliseconds. */
const statementMs = 30 * 60_000;

/**
 * Compares the tables of two builds (schemas) of any versions, row by row by primary key, in one snapshot. At most `max` rows
 * are listed; all are counted. A build whose rows are not in Postgres has no schema: rejects with a readable Error.
 */
export function compareBuilds(pool: Pool, first: string, second: string, max = 100): Promise<BuildComparison> {
  return inLongTransaction(pool, statementMs, async (client) => {
    await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const [ofFirst, ofSecond] = [await tablesOf(client, first), await tablesOf(client, second)];
    for (const [name, tables] of [[first, ofFirst] as const, [second, ofSecond] as const])
      if (tables.size === 0) throw new Error(`there are no tables of ${name} in Postgres`);
    const { compared, shapes } = commonOf(ofFirst, ofSecond);
    const tables: TableComparison[] = [];
    const found: RowDifference[] = [];
    for (const table of compared) {
      const counted = await count(client, first, second, table);
      tables.push(counted);
      if (counted.differences > 0n && found.length < max)
        found.push(...(await list(client, first, second, table, max - found.length)));
    }
    const positionOf = async (name: string) => lowestPosition(await readCheckpoints(client, { name, partitions: 0 }));
    const positions = { first: await positionOf(first), second: await positionOf(second) };
    const differences = tables.reduce((sum, table) => sum + table.differences, BigInt(shapes.length));
    return { positions, tables, shapes, differences, found };
  });
}

/** The rows of both builds side by side; a row of only one build has nulls for the other. */
function joined(first: string, second: string, { table, primaryKey }: ComparedTable): string {
  const same = primaryKey.map((column) => `a.${column} = b.${column}`).join(" AND ");
  return `FROM ${pathOf(first, table)} AS a FULL JOIN ${pathOf(second, table)} AS b ON ${same}`;
}

function differing({ primaryKey, columns }: ComparedTable): string {
  const row = (alias: string) => `ROW(${columns.map((column) => `${alias}.${column}`).join(", ")})`;
  return `(a.${primaryKey[0]} IS NULL OR b.${primaryKey[0]} IS NULL OR ${row("a")} IS DISTINCT FROM ${row("b")})`;
}

async function count(client: Client, first: string, second: string, table: ComparedTable): Promise<TableComparison> {
  const key = table.primaryKey[0];
  const { rows } = await client.query<{ first: bigint; second: bigint; differences: bigint }>(
    `SELECT count(a.${key}) AS first, count(b.${key}) AS second,
            count(*) FILTER (WHERE ${differing(table)}) AS differences
     ${joined(first, second, table)}`,
  );
  return { table: table.table, ...(rows[0] ?? { first: 0n, second: 0n, differences: 0n }) };
}

type Listed = { readonly key: string[]; readonly first: (string | null)[] | null; readonly second: Listed["first"] };

async function list(
  client: Client,
  first: string,
  second: string,
  table: ComparedTable,
  max: number,
): Promise<readonly RowDifference[]> {
  const { primaryKey, columns } = table;
  const key = primaryKey.map((column) => `coalesce(a.${column}, b.${column})`);
  const values = (alias: string) =>
    `CASE WHEN ${alias}.${primaryKey[0]} IS NOT NULL THEN ARRAY[${columns.map((column) => `${alias}.${column}::text`).join(", ")}] END`;
  const { rows } = await client.query<Listed>(
    `SELECT ARRAY[${key.map((value) => `${value}::text`).join(", ")}] AS key,
            ${values("a")} AS first, ${values("b")} AS second
     ${joined(first, second, table)}
     WHERE ${differing(table)} ORDER BY ${key.join(", ")} LIMIT ${max}`,
  );
  return rows.map(({ key, first, second }) => ({
    kind: first === null ? "only_in_second" : second === null ? "only_in_first" : "different",
    table: table.table,
    key,
    columns:
      first === null || second === null
        ? []
        : columns
            .map((column, index) => ({ column, first: first[index] ?? null, second: second[index] ?? null }))
            .filter((column) => column.first !== column.second),
  }));
}
