import { createHash, randomInt } from "node:crypto";
import { type Client, inTransaction, type Pool } from "../../platform/postgres.ts";
import { type Build, type BuildRef, type BuildState, buildName } from "../engine/core/build.ts";
import type { ReadModel } from "../engine/core/declaration.ts";
import type { BuildCatalog, BuildRecord } from "../engine/ports/buildCatalog.ts";
import { endBuild, endBuildInAnyState, insertBuilding, nameInSql } from "./buildStates.ts";
import { beginningOf, countReplacements, delayOf } from "./replacements.ts";

type Stored = {
  readonly read_model: string;
  readonly version: number;
  readonly number: number;
  readonly partitions: number;
  readonly shape: string;
  readonly store: "postgres" | "elasticsearch";
  readonly state: BuildState;
  readonly filled: boolean;
  readonly paused: boolean;
  readonly reason: string | null;
  readonly dropped: boolean;
  readonly created_at: Date;
  readonly fill_position: bigint | null;
  readonly fill_events: bigint | null;
  readonly fill_head: bigint | null;
  readonly fill_at: Date | null;
  readonly replacements: number;
};

function toRecord(row: Stored): BuildRecord {
  const { fill_position, fill_events, fill_head, fill_at, replacements } = row;
  const known = fill_position !== null && fill_events !== null && fill_head !== null && fill_at !== null;
  return {
    name: buildName({ name: row.read_model, version: row.version }, row.number),
    readModel: row.read_model,
    version: row.version,
    number: row.number,
    partitions: row.partitions,
    ...(row.store === "elasticsearch" && { store: row.store }),
    state: row.state,
    filled: row.filled,
    paused: row.paused,
    reason: row.reason,
    dropped: row.dropped,
    createdAt: row.created_at,
    ...(delayOf(replacements) > 0 && { waits: { until: beginningOf(row), replacements } }),
    fillProgress: known ? { position: fill_position, events: Number(fill_events), head: fill_head, at: fill_at } : null,
  };
}

/** Listed by name: a prepared statement with `*` fails once a migration adds a column. */
const columns = `read_model, version, number, partitions, shape, store, state, filled, paused, reason, dropped, created_at,
  fill_position, fill_events, fill_head, fill_at, replacements`;

const byName = `${nameInSql()} = $1`;

/**
 * The largest gap between the numbers of builds, which makes them differ between databases: Redis and Elasticsearch may
 * be shared with another database, or keep the data of one that was dropped.
 */
const largestGap = 100_000;
const largestNumber = 2 ** 31 - 1;

/** A number for a build, given the highest so far. */
export type NextNumber = (highest: number) => number;

/** At most a ten-thousandth of what is left, so that the numbers do not end. */
export const randomlyAfter: NextNumber = (highest) =>
  highest + randomInt(1, Math.max(1, Math.min(largestGap, Math.floor((largestNumber - highest) / 10_000))) + 1);

/** The part of the catalog about builds; their states change in buildStates.ts. */
export function createBuilds(
  pool: Pool,
  nextNumber: NextNumber,
): Pick<
  BuildCatalog,
  | "list"
  | "buildsOf"
  | "add"
  | "end"
  | "replace"
  | "markFilled"
  | "setPaused"
  | "countFillStart"
  | "takeBackFillStart"
  | "forgetFillStarts"
  | "reportProgress"
  | "markDropped"
> {
  const update = async (build: BuildRef, set: string, values: readonly unknown[] = []) => {
    await pool.query(`UPDATE projections.builds SET ${set} WHERE ${byName}`, [build.name, ...values]);
  };

  /** The statement that all calls in a tick share: followers of builds query once per read model. */
  let asked: Promise<readonly Stored[]> | undefined;
  const unended = () => {
    asked ??= Promise.resolve().then(async () => {
      asked = undefined;
      const found = await pool.query<Stored>({
        name: "builds that have not ended",
        text: `SELECT ${columns} FROM projections.builds WHERE state IN ('building', 'live') ORDER BY number`,
      });
      return found.rows;
    });
    return asked;
  };

  return {
    async list() {
      const found = await pool.query<Stored>({
        name: "all builds",
        text: `SELECT ${columns} FROM projections.builds ORDER BY created_at, read_model, number`,
      });
      return found.rows.map(toRecord);
    },

    async buildsOf(readModel) {
      const rows = await unended();
      const own = rows.filter((row) => row.read_model === readModel.name && row.version === readModel.version);
      return own.map((row) => {
        requireShape(readModel, row.shape);
        const record = toRecord(row);
        const { name, number, partitions, store } = record;
        return { ...record, build: { readModel, number, partitions, name, ...(store && { store }) } };
      });
    },

    add(readModel, partitions, options = {}) {
      return inTransaction(pool, (client) =>
        addUnless(client, readModel, partitions, options.unless ?? [], nextNumber),
      );
    },

    end: (build, state, reason) => endBuild(pool, build, state, reason),
    replace: (build, reason, { onlyIf } = {}) =>
      inTransaction(pool, async (client) => {
        const ended =
          onlyIf === "building" ? endBuild(client, build, "failed", reason) : endBuildInAnyState(client, build, reason);
        if (!(await ended)) return undefined;
        const replacements = await countReplacements(client, build);
        return {
          added: await addUnless(client, build.readModel, build.partitions, ["building"], nextNumber, replacements),
        };
      }),
    markFilled: (build) => update(build, "filled = true, paused = false"),
    setPaused: (build, paused) =>
      update(build, "paused = $2, replacements = CASE WHEN $2 THEN replacements ELSE 0 END", [paused]),
    async countFillStart(build, position) {
      const counted = await pool.query<{ starts: number; startsHere: number }>(
        `UPDATE projections.builds
         SET fill_starts = fill_starts + 1, fill_from = $2,
             fill_starts_here = CASE WHEN fill_from = $2 THEN fill_starts_here + 1 ELSE 1 END
         WHERE ${byName} RETURNING fill_starts AS starts, fill_starts_here AS "startsHere"`,
        [build.name, position],
      );
      const [starts] = counted.rows;
      if (starts === undefined) throw new Error(`there is no build ${build.name}`);
      return starts;
    },
    takeBackFillStart: (build) =>
      update(build, "fill_starts = greatest(fill_starts - 1, 0), fill_starts_here = greatest(fill_starts_here - 1, 0)"),
    forgetFillStarts: (build) => update(build, "fill_starts = 0, fill_starts_here = 0"),
    reportProgress: (build, { position, events, head }) =>
      update(build, "fill_position = $2, fill_events = $3, fill_head = $4, fill_at = now()", [position, events, head]),
    async markDropped(build) {
      await inTransaction(pool, async (client) => {
        await client.query("DELETE FROM projections.failures WHERE build = $1", [build.name]);
        await client.query("DELETE FROM projections.parked WHERE build = $1", [build.name]);
        await client.query("DELETE FROM projections.left_out WHERE build = $1", [build.name]);
        await client.query("DELETE FROM projections.parked_keys WHERE build = $1", [build.name]);
        await client.query(`UPDATE projections.builds SET dropped = true WHERE ${byName}`, [build.name]);
      });
    },
  };
}

/** See `BuildCatalog.add`. */
async function addUnless(
  client: Client,
  readModel: ReadModel,
  partitions: number,
  unless: readonly BuildState[],
  nextNumber: NextNumber,
  replacements = 0,
): Promise<Build | undefined> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('heima projections.builds'))");
  const found = await client.query<Stored>("SELECT * FROM projections.builds WHERE read_model = $1", [readModel.name]);
  const same = found.rows.filter(
    ({ version, state }) => version === readModel.version && (state === "building" || state === "live"),
  );
  for (const { shape } of same) requireShape(readModel, shape);
  if (same.some(({ state }) => unless.includes(state))) return undefined;
  const number = nextNumber(Math.max(0, ...found.rows.map((row) => row.number)));
  return insertBuilding(client, readModel, { number, partitions, shape: shapeOf(readModel), replacements });
}

const shapes = new WeakMap<ReadModel, string>();

function requireShape(readModel: ReadModel, shape: string): void {
  const own = shapes.get(readModel) ?? shapeOf(readModel);
  shapes.set(readModel, own);
  if (shape === own) return;
  const { name, version } = readModel;
  throw new Error(`the tables of read model ${name} changed: raise its version (now ${version})`);
}

/** Field names in the hash are those of the first release: other names would produce another hash. */
function shapeOf({ partitionKey, categories, tables, index }: ReadModel): string {
  const shaped = index && { settings: index.settings, mappings: index.mappings };
  return createHash("sha256")
    .update(JSON.stringify({ laneKey: partitionKey, categories, tables, index: shaped }))
    .digest("hex");
}
