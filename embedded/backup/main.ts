import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { copyLog } from "./copyLog.ts";
import { copyPostgres } from "./copyPostgres.ts";
import { copyTree } from "./copyTree.ts";

// node bin/run.js embedded/backup/main.ts DATA_DIR BACKUP: copies what a stack cannot make again, Postgres before the log.
const [dataDir, backup] = process.argv.slice(2).map((path) => resolve(path));
try {
  if (dataDir === undefined || backup === undefined) throw new Error("usage: script/backup DATA_DIR BACKUP");
  const url = await urlOf(dataDir);
  await mkdir(backup, { recursive: true, mode: 0o700 });
  if ((await readdir(backup)).length > 0) throw new Error(`${backup} is not empty`);
  await copyTree(join(dataDir, "secrets.json"), join(backup, "secrets.json"));
  if (url === undefined) await copyTree(join(dataDir, "postgres"), join(backup, "postgres"));
  else await copyPostgres(url, join(dataDir, "postgres"), join(backup, "postgres"));
  await copyLog(join(dataDir, "eventstore"), join(backup, "eventstore"));
  console.log(`${backup} has secrets, Postgres and the log; to go on with it: HEIMA_DATA_DIR=${backup} script/server`);
} catch (error) {
  console.error(`backup: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

/** Of the Postgres of a stack that runs; undefined if it was stopped. */
async function urlOf(folder: string): Promise<string | undefined> {
  await readFile(join(folder, "secrets.json")).catch(() => {
    throw new Error(`${folder} is no data folder of script/server`);
  });
  const text = await readFile(join(folder, "supervisor.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const url = /"DATABASE_URL": "([^"]*)"/.exec(text)?.[1];
  if (url === undefined)
    throw new Error(`${folder}/supervisor.json names no DATABASE_URL: the stack is still starting`);
  return url;
}
