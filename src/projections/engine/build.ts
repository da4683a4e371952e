import { createHash } from "node:crypto";
import { type Client, inTransaction, type Pool } from "../../platform/postgres.ts";
import { postgresType, type ReadModel } from "./declaration.ts";

/**
 * One materialisation of a read model: version, number of partitions and build number. Its schema (`shelf_v2_b1`) holds its
 * tables and checkpoints; queues carry the schema's name. Views in `viewSchema` (`shelf_v2`) show the live build.
 */
export type Build = {
  readonly readModel: ReadModel;
  readonly number: number;
  readonly partitions: number;
  readonly schema: string;
};

/** A live build as an API process needs to know it. */
export type LiveBuild = Pick<Build, "schema" | "partitions">;

/** The views that queries of this read model and version read. */
export function viewSchema(readModel: Pick<ReadModel, "name" | "version">): string {
  return `${readModel.name}_v${readModel.version}`;
}

/**
 * Finds the live build of a read model, or makes the first: schema, tables, one checkpoint a partition, views, in one
 * transaction. `partitions` counts for a new build only. Safe in many processes at once. Rejects if the declaration's tables
 * are not those that the build was made with: such a change needs a higher version.
 */
export function ensureBuild(pool: Pool, readModel: ReadModel, partitions: number): Promise<Build> {
  return inTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('heima projections.builds'))");
    await client.query(engineTables);
    const { name, version } = readModel;
    const shape = shapeOf(readModel);
    const found = await client.query<{ number: number; partitions: number; shape: string }>(
      "SELECT number, partitions, shape FROM projections.builds WHERE read_model = $1 AND version = $2 AND live",
      [name, version],
    );
    const live = found.rows[0];
    if (live !== undefined && live.shape !== shape) {
      throw new Error(`the tables of read model ${name} changed: raise its version (now ${version})`);
    }
    const build = {
      readModel,
      number: live?.number ?? (await nextNumber(client, name)),
      partitions: live?.partitions ?? partitions,
    };
    const schema = schemaName(readModel, build.number);
    if (live === undefined) {
      await client.query(buildTables(readModel, schema, partitions));
      await client.query(
        "INSERT INTO projections.builds (read_model, version, number, partitions, shape, live) VALUES ($1, $2, $3, $4, $5, true)",
        [name, version, build.number, partitions, shape],
      );
    }
    return { ...build, schema };
  });
}

/** The live build of a read model, or undefined as long as no dispatcher or worker has made one. */
export async function findBuild(pool: Pool, readModel: ReadModel): Promise<LiveBuild | undefined> {
  const engine = await pool.query<{ there: boolean }>("SELECT to_regclass('projections.builds') IS NOT NULL AS there");
  if (!engine.rows[0]?.there) return undefined;
  const found = await pool.query<{ number: number; partitions: number }>(
    "SELECT number, partitions FROM projections.builds WHERE read_model = $1 AND version = $2 AND live",
    [readModel.name, readModel.version],
  );
  const live = found.rows[0];
  return live && { schema: schemaName(readModel, live.number), partitions: live.partitions };
}

function schemaName(readModel: ReadModel, number: number): string {
  return `${viewSchema(readModel)}_b${number}`;
}

const engineTables = `
  CREATE SCHEMA IF NOT EXISTS projections;
  CREATE TABLE IF NOT EXISTS projections.builds (
    read_model text NOT NULL,
    version int NOT NULL,
    number int NOT NULL,
    partitions int NOT NULL,
    shape text NOT NULL,
    live boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (read_model, number)
  );
  CREATE TABLE IF NOT EXISTS projections.failures (
    build text NOT NULL,
    partition int NOT NULL,
    kind text NOT NULL,
    position int8 NOT NULL,
    event_id text NOT NULL,
    detail text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (build, partition, kind)
  );
`;

async function nextNumber(client: Client, readModel: string): Promise<number> {
  const highest = await client.query<{ next: number }>(
    "SELECT coalesce(max(number), 0) + 1 AS next FROM projections.builds WHERE read_model = $1",
    [readModel],
  );
  return highest.rows[0]?.next ?? 1;
}

function buildTables(readModel: ReadModel, schema: string, partitions: number): string {
  const views = viewSchema(readModel);
  const statements = [
    `CREATE SCHEMA ${schema}`,
    `CREATE SCHEMA IF NOT EXISTS ${views}`,
    `CREATE TABLE ${schema}.checkpoints (partition int PRIMARY KEY, position int8 NOT NULL, event_id text NOT NULL)`,
    `INSERT INTO ${schema}.checkpoints SELECT partition, -1, '' FROM generate_series(0, ${partitions - 1}) AS partition`,
  ];
  for (const [name, table] of Object.entries(readModel.tables)) {
    const columns = Object.entries(table.columns).map(
      ([column, type]) => `${column} ${postgresType(type)}${type.endsWith("?") ? "" : " NOT NULL"}`,
    );
    const primaryKey = `PRIMARY KEY (${table.primaryKey.join(", ")})`;
    statements.push(`CREATE TABLE ${schema}.${name} (${[...columns, primaryKey].join(", ")})`);
    statements.push(...(table.indexes ?? []).map((index) => `CREATE INDEX ON ${schema}.${name} ${index}`));
    statements.push(`CREATE OR REPLACE VIEW ${views}.${name} AS SELECT * FROM ${schema}.${name}`);
  }
  return statements.join(";\n");
}

function shapeOf(readModel: ReadModel): string {
  const { partitionKey, categories, tables } = readModel;
  return createHash("sha256")
    .update(JSON.stringify({ laneKey: partitionKey, categories, tables }))
    .digest("hex");
}
