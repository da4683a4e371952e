import { type Client, quoted } from "../../../platform/postgres.ts";
import type { Build, BuildRef } from "../../engine/core/build.ts";
import type { ColumnType, Table } from "../../engine/core/declaration.ts";
import { viewSchema, viewsOf } from "../../views.ts";
import { requireName } from "./statementName.ts";

/** A table of a build as SQL names it, with its declaration. */
export type StoredTable = { readonly path: string; readonly table: Table };

export function storedTables(build: Build): readonly (readonly [name: string, StoredTable])[] {
  return Object.entries(build.readModel.tables).map(([name, table]) => [
    name,
    { path: pathOf(build.name, name), table },
  ]);
}

/** A table in SQL. Whoever makes a trial chooses the name of its schema. */
export function pathOf(build: string, table: string): string {
  return `${quoted(build)}.${table}`;
}

/** A column's type without the mark for null, for casts and `CREATE TABLE`. */
export function sqlType(type: ColumnType): string {
  return type.replace("?", "");
}

/**
 * Creates the build's schema, with one checkpoint per partition before the beginning of the log. For builds with rows in
 * another store these checkpoints only count parked keys.
 */
export async function createCheckpoints(client: Client, build: BuildRef): Promise<void> {
  const schema = quoted(requireName(build.name, "the build"));
  const checkpoints = pathOf(build.name, "checkpoints");
  await client.query(
    `CREATE SCHEMA ${schema};
     CREATE TABLE ${checkpoints} (
       partition int PRIMARY KEY, position int8 NOT NULL, event_id text NOT NULL,
       parked_keys int NOT NULL DEFAULT 0, parked_version int8 NOT NULL DEFAULT 0);
     INSERT INTO ${checkpoints} SELECT number, -1, '' FROM generate_series(0, ${build.partitions - 1}) AS number`,
  );
}

/** Creates the build's tables. */
export async function createTables(client: Client, build: Build): Promise<void> {
  const statements: string[] = [];
  for (const [name, { path, table }] of storedTables(build)) {
    requireName(name, "the table");
    const columns = Object.entries(table.columns).map(
      ([column, type]) => `${column} ${sqlType(type)}${type.endsWith("?") ? "" : " NOT NULL"}`,
    );
    const primaryKey = `PRIMARY KEY (${table.primaryKey.join(", ")})`;
    statements.push(`CREATE TABLE ${path} (${[...columns, primaryKey].join(", ")})`);
    statements.push(...(table.indexes ?? []).map((index) => `CREATE INDEX ON ${path} ${index}`));
  }
  await createCheckpoints(client, build);
  await client.query(statements.join(";\n"));
}

/** Makes the views of the read model's version show this build. */
export async function showInViews(client: Client, build: Build): Promise<void> {
  const views = viewsOf(build.readModel);
  const statements = storedTables(build).map(
    ([name, { path }]) => `CREATE OR REPLACE VIEW ${views[name]} AS SELECT * FROM ${path}`,
  );
  await client.query([`CREATE SCHEMA IF NOT EXISTS ${viewSchema(build.readModel)}`, ...statements].join(";\n"));
}

/** Returns whether the build's schema exists. */
export async function hasTables(client: Client, build: BuildRef): Promise<boolean> {
  const found = await client.query<{ there: boolean }>("SELECT to_regnamespace($1) IS NOT NULL AS there", [build.name]);
  return found.rows[0]?.there ?? false;
}

/** Drops the build's schema, the views that show it, and the views' schema if it is empty. */
export async function dropTables(client: Client, build: BuildRef): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${quoted(build.name)} CASCADE`);
  const views = build.name.replace(/_b\d+$/, "");
  await client.query(
    `DO $$ BEGIN
       IF to_regnamespace('${views}') IS NOT NULL
          AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('${views}')) THEN
         DROP SCHEMA ${views};
       END IF;
     END $$`,
  );
}

/** Lets one process at a time create or drop what a build owns, until the transaction ends. */
export async function lockBuild(client: Client, build: BuildRef): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [`heima build ${build.name}`]);
}

/** Rejects for a build that has ended: a process that was suspended for long must not recreate it. */
export async function requireUnended(client: Client, { readModel, number, name }: Build): Promise<void> {
  const found = await client.query(
    `SELECT FROM projections.builds
     WHERE read_model = $1 AND number = $2 AND state IN ('building', 'live') FOR SHARE`,
    [readModel.name, number],
  );
  if (found.rowCount === 0) throw new Error(`${name} has ended`);
}
