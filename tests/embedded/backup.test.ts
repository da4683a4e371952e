import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { backUp } from "../../embedded/backup/backUp.ts";
import { openStore } from "../../embedded/eventstore/storage/store.ts";
import { lockFolder } from "../../embedded/folderLock.ts";
import { freePort } from "../../embedded/freePort.ts";

let folder: string;
let dataDir: string;
let backup: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-backup-"));
  [dataDir, backup] = [join(folder, "data"), join(folder, "backup")];
  await mkdir(join(dataDir, "postgres", "pg_wal"), { recursive: true });
  await writeFile(join(dataDir, "secrets.json"), "{}");
  await writeFile(join(dataDir, "postgres", "PG_VERSION"), "18");
  await writeFile(join(dataDir, "postgres", "postmaster.pid"), "1");
  openStore(join(dataDir, "eventstore"), visitor).close();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const visitor = { isPlain: () => false, event() {}, plainEvents() {} };

const lockedByStack = () => lockFolder(dataDir, "supervisor.lock", "stop it");

/** What a supervisor writes when all has started. */
const writeState = (url: string, ...names: readonly string[]) => {
  const processes = Object.fromEntries(names.map((name) => [name, { pid: 1, restarts: 0 }]));
  return writeFile(join(dataDir, "supervisor.json"), JSON.stringify({ environment: { DATABASE_URL: url }, processes }));
};
const nobody = async () => `postgres://heima@127.0.0.1:${await freePort()}/heima`;

/** It fails, and there is no folder that looks like a backup. */
async function expectRefused(message: string | RegExp): Promise<void> {
  await expect(backUp(dataDir, backup)).rejects.toThrow(message);
  expect((await readdir(folder)).filter((name) => name !== "data")).toEqual([]);
}

test("a stopped stack is copied whole, also after its supervisor was killed, and is given free again", async () => {
  // What a killed one leaves.
  await writeState(await nobody(), "postgres", "eventstore");
  await writeFile(join(dataDir, "supervisor.lock"), "1 0");
  await backUp(dataDir, backup);
  expect((await readdir(folder)).sort()).toEqual(["backup", "data"]);
  expect((await readdir(backup)).sort()).toEqual(["eventstore", "postgres", "secrets.json"]);
  expect((await readdir(join(backup, "postgres"))).sort()).toEqual(["PG_VERSION", "pg_wal"]);
  openStore(join(backup, "eventstore"), visitor).close();
  expect((await stat(join(backup, "eventstore"))).mode & 0o777).toBe(0o700);
  lockedByStack()();
  await expect(backUp(dataDir, backup)).rejects.toThrow(`${backup} is not empty`);
});

/** Root may write everywhere: for it, as another user, who owns all that the test has made so far. */
async function unprivileged(work: () => Promise<void>): Promise<void> {
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

test("an empty folder that is there is kept, also where nothing beside it may be written", async () => {
  await mkdir(join(folder, "backups"));
  backup = join(folder, "backups", "today");
  await mkdir(backup);
  await chmod(backup, 0o750);
  const { ino } = await stat(backup);
  await unprivileged(async () => {
    await chmod(join(folder, "backups"), 0o500);
    await backUp(dataDir, backup);
    await chmod(join(folder, "backups"), 0o700);
  });
  expect((await readdir(backup)).sort()).toEqual(["eventstore", "postgres", "secrets.json"]);
  const found = await stat(backup);
  expect([found.ino, found.mode & 0o777]).toEqual([ino, 0o750]);
  openStore(join(backup, "eventstore"), visitor).close();
});

test("a data folder that may not be written is refused with the reason", async () => {
  await unprivileged(async () => {
    await chmod(dataDir, 0o500);
    await expectRefused(`${dataDir} may not be written (EACCES)`);
    await chmod(dataDir, 0o700);
  });
});

test("a stack that is starting is refused: its Postgres may run, and nobody knows where", async () => {
  const release = lockedByStack();
  await expectRefused("is starting or stopping");
  await writeState(await nobody(), "eventstore");
  await expectRefused("(postgres)");
  release();
});

test("without a Postgres or a log of its own there is no backup", async () => {
  await rm(join(dataDir, "postgres"), { recursive: true });
  await expectRefused("has no postgres/PG_VERSION");
  await rm(join(dataDir, "secrets.json"));
  await expectRefused("is no data folder of script/server");
});

test("a running Postgres that has its data elsewhere is not taken for the one in the folder", async () => {
  const release = lockedByStack();
  await writeState(inject("postgresUrl"), "postgres", "eventstore");
  await expectRefused("has its data in");
  release();
});

test("a backup that fails leaves nothing; what an interrupted one left is named", async () => {
  const release = lockedByStack();
  await writeState(await nobody(), "postgres", "eventstore");
  await expectRefused("ECONNREFUSED");
  release();
  await mkdir(`${backup}.unfinished`);
  await expect(backUp(dataDir, backup)).rejects.toThrow(`${backup}.unfinished is there`);
  await mkdir(join(backup, ".unfinished"), { recursive: true });
  await expect(backUp(dataDir, backup)).rejects.toThrow(`${join(backup, ".unfinished")} is there`);
});
