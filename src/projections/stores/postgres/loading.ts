import type { ConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";
import type { Client, Pool } from "../../../platform/postgres.ts";
import type { Build } from "../../engine/core/build.ts";
import type { LoadedRows } from "../../engine/core/changes.ts";
import type { Row } from "../../engine/core/declaration.ts";
import type { ByTable } from "../../engine/ports/readModelStore.ts";
import { coalesceStatements, type Statement } from "./coalescedStatements.ts";
import { loadRows, type Wanted } from "./rows.ts";
import { statementName } from "./statementName.ts";
import { storedTables } from "./tables.ts";

/** The keys of rows of a build, by table. */
export type WantedRows = { readonly build: Build; readonly keys: ByTable<readonly Row[]> };

/** Loads the rows with these keys, by key text; tables without keys are left out. */
export async function loadTables(
  client: Client | Pool,
  build: Build,
  keys: ByTable<readonly Row[]>,
): Promise<LoadedRows> {
  const [rows] = await loading(client, [{ build, keys }]).run(true);
  return rows as LoadedRows;
}

/** As `loadTables`; small requests of one turn of the event loop, also of different builds, share a statement. */
export function createLoading(pool: Pool, limit: ConcurrencyLimit): (wanted: WantedRows) => Promise<LoadedRows> {
  return coalesceStatements<WantedRows, LoadedRows>({
    rowsOf: ({ keys }) => [...keys.values()].reduce((sum, { length }) => sum + length, 0),
    orderBy: ({ build }) => build.name,
    statementOf: (wanted) => loading(pool, wanted),
    limit,
  });
}

/** A statement whose name lists for each build, in order, the tables with keys. */
function loading(client: Client | Pool, wanted: readonly WantedRows[]): Statement<LoadedRows> {
  const tables = wanted.map(tablesOf);
  const name = statementName("load", ...wanted.flatMap(({ build }, index) => [build.name, numbersOf(tables[index])]));
  const run = async (mayPrepare: boolean) => {
    const loaded = await loadRows(client, mayPrepare ? name : undefined, tables.flat());
    return tables.map((ofBuild) => ({
      rows: new Map(ofBuild.map((table) => [table.name, loaded.get(table) ?? new Map()])),
    }));
  };
  return { name, run };
}

function tablesOf({ build, keys }: WantedRows): readonly Wanted[] {
  return storedTables(build).flatMap(([name, stored], number) => {
    const ofTable = keys.get(name);
    return ofTable === undefined ? [] : [{ name, number, stored, keys: ofTable }];
  });
}

function numbersOf(tables: readonly Wanted[] = []): string {
  return tables.flatMap(({ number, keys }) => (keys.length > 0 ? [number] : [])).join();
}
