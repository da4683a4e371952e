import { chown, realpath, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { copyTree } from "./copyTree.ts";

/** Files that the copied server must not find: the pid of the original, and its replication slots. */
const ofTheRunning = /^(postmaster\.(pid|opts)|pg_wal\/.*|pg_replslot\/.*)$/;

/**
 * Copies the data folder of a running Postgres, as its manual describes under "Making a Non-Exclusive Low-Level Backup". The
 * write-ahead log comes last: a copy made before `pg_backup_stop` lacks the record of the backup's end, and the copied server
 * ends with exit code 1 ("WAL ends before end of online backup"). Rejects if the server has another folder. The slot keeps
 * checkpoints from removing files of the log during the copy; it is dropped with the connection.
 */
export async function copyPostgres(url: string, dataDir: string, target: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: settings } = await client.query<{ path: string }>("SELECT current_setting('data_directory') AS path");
    const path = settings[0]?.path ?? "";
    if ((await realpath(path).catch(() => path)) !== (await realpath(dataDir)))
      throw new Error(
        `the Postgres of the stack has its data in ${path}, not in ${dataDir}: back it up by its own means`,
      );
    await client.query("SELECT pg_create_physical_replication_slot($1, true, true)", [`heima_backup_${process.pid}`]);
    await client.query("SELECT pg_backup_start('heima', true)");
    await copyTree(dataDir, target, (path) => ofTheRunning.test(path));
    const { rows } = await client.query<{ labelfile: string }>("SELECT labelfile FROM pg_backup_stop()");
    await copyTree(join(dataDir, "pg_wal"), join(target, "pg_wal"));
    await writeFile(join(target, "backup_label"), rows[0]?.labelfile ?? "", { mode: 0o600 });
    await copyOwner(dataDir, target);
  } finally {
    await client.end();
  }
}

/** Postgres reads its label, and removes it. */
async function copyOwner(dataDir: string, target: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dataDir);
  await chown(join(target, "backup_label"), uid, gid);
}
