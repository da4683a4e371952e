import { pendingMigrations } from "../platform/migrate.ts";
import { codeOf } from "../platform/outageCodes.ts";
import { poolSizes } from "../platform/poolSizes.ts";
import type { Pool } from "../platform/postgres.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { otherBuilds, retireCommand } from "../projections/engine/builds/otherReleases.ts";
import { isWaiting } from "../projections/engine/builds/waiting.ts";
import type { BuildRef } from "../projections/engine/core/build.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import { type BuildCatalog, openFailures } from "../projections/engine/ports/buildCatalog.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import { type Check, type Finding, messageOf } from "./check.ts";
import { ownBuilds } from "./ownBuilds.ts";

/** The oldest supported Postgres. */
const oldestMajor = 18;

/** With a larger difference between clocks, times in responses and in the log contradict each other. */
const clockToleranceMs = 5_000;

type Server = {
  version: string;
  number: number;
  encoding: string;
  standby: boolean;
  readOnly: boolean;
  mayCreate: boolean;
  now: Date;
};

const server = `
  SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
         pg_encoding_to_char(encoding) AS encoding, pg_is_in_recovery() AS standby,
         current_setting('transaction_read_only')::bool AS "readOnly",
         has_database_privilege(oid, 'CREATE') AS "mayCreate", clock_timestamp() AS now
  FROM pg_database WHERE datname = current_database()`;

/** Four checks on one pool: the server, the migrations, the read models, and whether a dispatcher is connected. */
export function postgresChecks(
  pool: Pool,
  address: string,
  readModels: readonly ReadModel[],
  store: Pick<ReadModelStore, "checkpoints">,
): readonly Check[] {
  return [
    { name: "postgres", run: () => checkServer(pool, address) },
    { name: "migrations", needs: ["postgres"], run: () => checkMigrations(pool) },
    { name: "read models", needs: ["migrations"], run: () => checkReadModels(pool, readModels, store) },
    { name: "dispatcher", needs: ["postgres"], run: () => checkDispatcher(pool) },
  ];
}

async function checkServer(pool: Pool, address: string): Promise<Finding> {
  const asked = Date.now();
  let row: Server | undefined;
  try {
    row = (await pool.query<Server>(server)).rows[0];
  } catch (error) {
    return { status: "failed", message: `${address}: ${messageOf(error)}`, hint: advice(error) };
  }
  if (row === undefined) throw new Error("Postgres does not know its own database");
  const message = `${address}, version ${row.version}`;
  const fail = (problem: string, hint: string): Finding => ({
    status: "failed",
    message: `${message}; ${problem}`,
    hint,
  });
  const skew = row.now.getTime() - (asked + Date.now()) / 2;
  if (row.number < oldestMajor * 10_000) {
    return fail("too old", `upgrade to Postgres ${oldestMajor} or later (docker-compose.yml has one)`);
  }
  if (row.encoding !== "UTF8") {
    return fail(
      `its encoding is ${row.encoding}`,
      "recreate the database with ENCODING 'UTF8': it must store Chinese text",
    );
  }
  if (row.standby) return fail("it is a standby that takes no writes", "set DATABASE_URL to the primary");
  if (row.readOnly) {
    const hint =
      "set default_transaction_read_only off, for the server, the database or the role; see why it is on (a full disk?)";
    return fail("it takes no writes: default_transaction_read_only is on", hint);
  }
  if (!row.mayCreate) {
    return fail("its user may not create schemas", "GRANT CREATE ON DATABASE … TO the user of DATABASE_URL");
  }
  if (Math.abs(skew) > clockToleranceMs) {
    const problem = `its clock is ${(skew / 1000).toFixed(1)} s away from this machine's`;
    return { status: "warning", message: `${message}; ${problem}`, hint: "let NTP set the clocks of both" };
  }
  return { status: "ok", message };
}

/** By SQLSTATE or errno: https://www.postgresql.org/docs/18/errcodes-appendix.html. */
function advice(error: unknown): string {
  const code = codeOf(error);
  if (code === "28P01" || code === "28000") return "correct user and password in DATABASE_URL, or pg_hba.conf";
  if (code === "3D000") return "create the database that DATABASE_URL names (createdb), then run heima migrate";
  if (code === "53300") {
    const { api, dispatcher, worker } = poolSizes;
    return `raise max_connections: an api takes ${api.queries + api.monitoring}, a dispatcher ${dispatcher}, a worker ${worker}`;
  }
  if (code === "53100") return "make room on the disk of Postgres";
  return "start Postgres, or correct DATABASE_URL";
}

/** The schema of the tables that belong to no read model. Since Postgres 15 only the owner of a database may create tables there. */
const mayMigrate = "SELECT coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) AS may";

async function checkMigrations(pool: Pool): Promise<Finding> {
  const pending = await pendingMigrations(pool);
  if (pending.length === 0) return { status: "ok", message: "none pending" };
  const message = `pending: ${pending.join(", ")}`;
  const { rows } = await pool.query<{ may: boolean }>(mayMigrate);
  if (rows[0]?.may) return { status: "failed", message, hint: "run heima migrate" };
  const hint = "GRANT CREATE ON SCHEMA public TO the user of DATABASE_URL, then run heima migrate";
  return { status: "failed", message: `${message}; its user may not create tables in the schema public`, hint };
}

async function checkReadModels(
  pool: Pool,
  readModels: readonly ReadModel[],
  store: Pick<ReadModelStore, "checkpoints">,
): Promise<Finding> {
  const catalog = createCatalog(pool);
  const builds = await ownBuilds(catalog, readModels);
  const live = builds.filter(({ state }) => state === "live");
  const missing = readModels
    .filter((readModel) => !live.some(({ build }) => build.readModel === readModel))
    .map(({ name, version }) => `${name} version ${version}`);
  const stopped: string[] = [];
  for (const fed of builds.filter(({ filled }) => filled)) {
    const checkpoints = await checkpointsOf(store, fed);
    if (checkpoints === undefined) continue;
    const open = openFailures(await catalog.failures(fed), checkpoints);
    for (const { partition, kind, position, detail } of open) {
      stopped.push(`partition ${partition} of ${fed.name} does not advance from ${position}: ${kind}, ${detail}`);
    }
  }
  if (stopped.length > 0) {
    return { status: "failed", message: stopped.join("; "), hint: "see docs/troubleshooting.md#stopped-partitions" };
  }
  if (missing.length > 0) {
    const hint = "start a dispatcher and a worker: they build it. Until then its queries answer 503";
    return { status: "warning", message: `not live yet: ${missing.join(", ")}`, hint };
  }
  return (
    (await checkVerifications(catalog, readModels)) ??
    (await checkOtherReleases(catalog, readModels)) ?? {
      status: "ok",
      message: live.map(({ name }) => name).join(", "),
    }
  );
}

async function checkVerifications(catalog: BuildCatalog, readModels: readonly ReadModel[]) {
  const wrong = (await catalog.lastVerifications(readModels)).filter(({ differences }) => differences > 0);
  if (wrong.length === 0) return undefined;
  const message = wrong.map(
    ({ build, differences, foundAt }) =>
      `${build} differed from the log in ${differences} places on ${foundAt?.toISOString()}`,
  );
  const names = [...new Set(wrong.map(({ readModel }) => readModel))];
  const hint = `run ${names.map((name) => `heima projections verify ${name}`).join(", ")} (all keys); what differs still is mended by heima projections rebuild`;
  return { status: "warning", message: message.join("; "), hint } as const;
}

/** Builds of other releases that no process feeds: they keep data of erased readers, and scavenges wait for them. */
async function checkOtherReleases(catalog: BuildCatalog, readModels: readonly ReadModel[]) {
  const left = (await otherBuilds(catalog, readModels, await catalog.list())).filter(({ fed }) => !fed);
  if (left.length === 0) return undefined;
  const shown = left.map((build) => `${build.name}${build.paused ? " (paused)" : isWaiting(build) ? " (waits)" : ""}`);
  const message = `of another release, and not fed: ${shown.join(", ")}; erased data stays in them, and scavenges wait`;
  const hint = `start that release's dispatcher and workers, or, if it is gone: ${left.map(retireCommand).join("; ")}`;
  return { status: "warning", message, hint } as const;
}

/** Returns undefined if the search engine does not answer: its own check reports the reason. */
export async function checkpointsOf(store: Pick<ReadModelStore, "checkpoints">, build: BuildRef) {
  if (build.store !== "elasticsearch") return store.checkpoints(build);
  return store.checkpoints(build).catch(() => undefined);
}

/** Our processes set an application name (`heima-api`); a dispatcher never closes its connection. */
async function checkDispatcher(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'heima-dispatcher' LIMIT 1",
  );
  if (rows.length > 0) return { status: "ok", message: "connected to Postgres" };
  const hint = "start one (npm run start:dispatcher), or nothing new becomes visible";
  return { status: "warning", message: "none is connected to Postgres", hint };
}
