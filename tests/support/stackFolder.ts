import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { backUp } from "../../embedded/backup/backUp.ts";
import { openStore } from "../../embedded/eventstore/storage/store.ts";
import { freePort } from "../../embedded/freePort.ts";

/** A visitor that ignores the events of a store. */
export const visitor = { isPlain: () => false, event() {}, plainEvents() {} };

/** A data folder with what a backup asks of a stopped stack, until the test ends, and a path beside it for the backup. */
export async function makeStackFolder() {
  const folder = await mkdtemp(join(tmpdir(), "heima-backup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [dataDir, backup] = [join(folder, "data"), join(folder, "backup")];
  await mkdir(join(dataDir, "postgres", "pg_wal"), { recursive: true });
  await writeFile(join(dataDir, "secrets.json"), "{}");
  await writeFile(join(dataDir, "postgres", "PG_VERSION"), "18");
  await writeFile(join(dataDir, "postgres", "postmaster.pid"), "1");
  openStore(join(dataDir, "eventstore"), visitor).close();
  return {
    folder,
    dataDir,
    backup,
    /** Writes the state of a supervisor when all has started; `given` is missing in the state of an earlier release. */
    writeState: (url: string, names: readonly string[], given?: readonly string[]) => {
      const processes = Object.fromEntries(names.map((name) => [name, { pid: 1, restarts: 0 }]));
      const state = { environment: { DATABASE_URL: url }, given, processes };
      return writeFile(join(dataDir, "supervisor.json"), JSON.stringify(state));
    },
    /** Expects the backup to fail, and to leave no folder that could be mistaken for one. */
    expectRefused: async (message: string | RegExp) => {
      await expect(backUp(dataDir, backup)).rejects.toThrow(message);
      expect((await readdir(folder)).filter((name) => name !== "data")).toEqual([]);
    },
  };
}

/** A port where no Postgres answers. */
export const nobody = async () => `postgres://heima@127.0.0.1:${await freePort()}/heima`;

/** Root may write everywhere: so it runs as another user, who owns everything in the folder so far. */
export async function unprivileged(folder: string, work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  for (const path of ["", ...(await readdir(folder, { recursive: true }))])
    await chown(join(folder, path), 65_534, 65_534);
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
