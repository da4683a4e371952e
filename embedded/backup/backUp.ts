import { mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../syncFolder.ts";
import { copyLog } from "./copyLog.ts";
import { copyPostgres } from "./copyPostgres.ts";
import { copyTree } from "./copyTree.ts";
import { holdStill } from "./holdStill.ts";

/** The parts of a stack that cannot be recreated, each with a file that it always has. */
const parts = ["secrets.json", "postgres/PG_VERSION", "eventstore/head"];

/**
 * Copies secrets, Postgres and the log of a data folder into a new folder, Postgres before the log. The copy gets the folder's name
 * only when it is complete and on disk; until then its name ends with `.unfinished`. An existing empty folder is kept, with its
 * owner and mode: the copy is made in its `.unfinished`, and the secrets are moved out of that last. A stopped stack cannot be
 * started meanwhile.
 * @throws Error when a part is missing or was given, the stack is starting, Postgres or an event store runs without it, the data
 * folder is not writable, or the new folder is not empty.
 */
export async function backUp(dataDir: string, backup: string): Promise<void> {
  await requireParts(dataDir);
  const { url, release } = await holdStill(dataDir);
  try {
    const isThere = await isEmptyFolder(backup);
    const unfinished = isThere ? join(backup, ".unfinished") : `${backup}.unfinished`;
    await mkdir(dirname(backup), { recursive: true });
    await mkdir(unfinished, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? leftBehind(unfinished) : error;
    });
    try {
      await copyTree(join(dataDir, "secrets.json"), join(unfinished, "secrets.json"));
      const [postgres, copied] = [join(dataDir, "postgres"), join(unfinished, "postgres")];
      if (url !== undefined) await copyPostgres(url, postgres, copied);
      else await copyTree(postgres, copied, (path) => path === "postmaster.pid");
      await copyLog(join(dataDir, "eventstore"), join(unfinished, "eventstore"));
      await sync(unfinished);
      if (isThere) await moveOut(unfinished, backup);
      else await rename(unfinished, backup);
      syncFolder(isThere ? backup : dirname(backup));
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  } finally {
    release();
  }
}

async function requireParts(dataDir: string): Promise<void> {
  for (const path of parts)
    await stat(join(dataDir, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
      throw new Error(
        path === "secrets.json"
          ? `${dataDir} is no data folder of script/server`
          : `${dataDir} has no ${path}: it never started to its end, or ran with a server that was given, which is backed up by its own means`,
      );
    });
}

/**
 * Returns whether an empty folder exists. It may be the only folder that the user may write, a mount point, or prepared with an
 * owner and a mode.
 */
async function isEmptyFolder(backup: string): Promise<boolean> {
  const names = await readdir(backup).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (names?.includes(".unfinished")) throw leftBehind(join(backup, ".unfinished"));
  if (names !== undefined && names.length > 0) throw new Error(`${backup} is not empty`);
  return names !== undefined;
}

const leftBehind = (unfinished: string) =>
  new Error(`${unfinished} is there: delete what a backup has left that was interrupted`);

/** `secrets.json`, without which a folder is no backup, is moved last. */
async function moveOut(unfinished: string, backup: string): Promise<void> {
  for (const name of ["eventstore", "postgres", "secrets.json"])
    await rename(join(unfinished, name), join(backup, name));
  await rmdir(unfinished);
}

/** Syncs a folder and its contents to disk. */
async function sync(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await sync(path);
    else if (entry.isFile()) await syncFile(path);
  }
  syncFolder(folder);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
