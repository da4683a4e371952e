import { existsSync } from "node:fs";
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import pg from "pg";
import { type Engine, startChild, whenReady } from "../childProcess.ts";
import { endLeftOver } from "../leftOver.ts";
import { startLocked } from "../startLocked.ts";
import { syncFolder } from "../syncFolder.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { type Privileges, postgresPrivileges } from "./privileges.ts";

export type PostgresOptions = {
  readonly dataDir: string;
  readonly port: number;
  /** Of the superuser `heima`; it is set when the cluster is created, and must be the same at every later start. */
  readonly password: string;
  readonly logFile: string;
};

const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // Files of the write-ahead log are removed, not recycled: recycled files keep erased data.
  wal_recycle: "off",
};

/** Recovery after a SIGKILL replays at most max_wal_size (1 GB), and more slowly on a busy machine. */
const startPatienceMs = 60_000;

/**
 * Starts real Postgres with fsync on, on 127.0.0.1 only, with password login; creates the cluster at the first start. Clears away
 * what a killed start left behind: a dying server or a stale postmaster.pid. Resolves when it answers queries. Rejects when another
 * live process runs it in the folder.
 */
export function startPostgres(options: PostgresOptions): Promise<Engine> {
  const dataDir = resolve(options.dataDir);
  return startLocked(dataDir, () => start({ ...options, dataDir }));
}

async function start(options: PostgresOptions): Promise<Engine> {
  const { dataDir } = options;
  const binaries = await findBinaries();
  const privileges = postgresPrivileges([binaries.postgres, dataDir]);
  if (!existsSync(dataDir)) await makeCluster(options, binaries, privileges);
  // Crash recovery handles a SIGKILL of all processes. Other signals have another meaning for each process: at SIGINT the
  // checkpointer marks the cluster as shut down, and what others commit after that is lost.
  await endLeftOver(dataDir, "postgres", "SIGKILL");
  // No server process is left here. Postgres would mistake another process that has reused the pid in this file for its own.
  if (process.platform === "linux") await rm(`${dataDir}/postmaster.pid`, { force: true });
  const child = await startChild({
    command: binaries.postgres,
    arguments: [
      "-D",
      dataDir,
      "-p",
      `${options.port}`,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    logFile: options.logFile,
    deathSignal: "QUIT",
    privileges: privileges.setpriv,
  });
  const url = `postgres://heima:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/heima`;
  await whenReady("postgres", child, options.logFile, startPatienceMs, () => ready(url));
  // SIGINT, the fast shutdown, does not wait for clients to leave.
  return { url, pid: child.pid, exited: child.exited, stop: () => child.stop("SIGINT") };
}

/** initdb works in a temporary folder that is renamed when it is complete: after a kill the next start begins anew. */
async function makeCluster(options: PostgresOptions, binaries: Binaries, privileges: Privileges): Promise<void> {
  const unfinished = `${options.dataDir}.unfinished`;
  const passwordFile = `${options.dataDir}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  if (privileges.owner) {
    for (const path of [unfinished, passwordFile]) await chown(path, privileges.owner.uid, privileges.owner.gid);
  }
  const child = await startChild({
    command: binaries.initdb,
    arguments: [
      "-D",
      unfinished,
      "--username=heima",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      // The same collation and case rules on every machine, whatever its locales.
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ],
    logFile: options.logFile,
    deathSignal: "KILL",
    privileges: privileges.setpriv,
  });
  const how = await child.exited;
  await rm(passwordFile);
  if (how !== "exit code 0") throw new Error(`initdb failed (${how}): see ${options.logFile}`);
  await rename(unfinished, options.dataDir);
  syncFolder(dirname(options.dataDir));
}

/** True when queries are answered; the database `heima` is created if missing. */
async function ready(url: string): Promise<boolean> {
  const maintenance = Object.assign(new URL(url), { pathname: "/postgres" }).href;
  const client = new pg.Client({ connectionString: maintenance, connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const found = await client.query("SELECT FROM pg_database WHERE datname = 'heima'");
    if (found.rowCount === 0) await client.query("CREATE DATABASE heima");
    return true;
  } catch (error) {
    // 28P01: the password is not that of this cluster; waiting does not help.
    if ((error as { code?: string }).code === "28P01") throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
