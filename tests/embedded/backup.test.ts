import { chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, inject, test } from "vitest";
import { backUp } from "../../embedded/backup/backUp.ts";
import { openStore } from "../../embedded/eventstore/storage/store.ts";
import { lockFolder } from "../../embedded/folderLock.ts";
import { makeStackFolder, nobody, unprivileged, visitor } from "../support/stackFolder.ts";

let made: Awaited<ReturnType<typeof makeStackFolder>>;
let folder: string;
let dataDir: string;
let backup: string;
beforeEach(async () => {
  made = await makeStackFolder();
  ({ folder, dataDir, backup } = made);
});

const lockedByStack = () => lockFolder(dataDir, "supervisor.lock", "stop it");

test("a stopped stack is copied completely, also after its supervisor was killed, and is released", async () => {
  // What a killed backup leaves.
  await made.writeState(await nobody(), ["postgres", "eventstore"]);
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

test("an empty folder that is there is kept, also where nothing beside it may be written", async () => {
  await mkdir(join(folder, "backups"));
  backup = join(folder, "backups", "today");
  await mkdir(backup);
  await chmod(backup, 0o750);
  const { ino } = await stat(backup);
  await unprivileged(folder, async () => {
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
  await unprivileged(folder, async () => {
    await chmod(dataDir, 0o500);
    await made.expectRefused(`${dataDir} may not be written (EACCES)`);
    await chmod(dataDir, 0o700);
  });
});

test("a stack that is starting is refused: its Postgres may run at an unknown port", async () => {
  const release = lockedByStack();
  await made.expectRefused("is starting or stopping");
  await made.writeState(await nobody(), ["eventstore"]);
  await made.expectRefused("(postgres)");
  release();
});

test("without a Postgres or a log of its own there is no backup", async () => {
  await rm(join(dataDir, "postgres"), { recursive: true });
  await made.expectRefused("has no postgres/PG_VERSION");
  await rm(join(dataDir, "secrets.json"));
  await made.expectRefused("is no data folder of script/server");
});

test("a running Postgres that has its data elsewhere is not taken for the one in the folder", async () => {
  const release = lockedByStack();
  await made.writeState(inject("postgresUrl"), ["postgres", "eventstore"]);
  await made.expectRefused("has its data in");
  release();
});

test("a backup that fails leaves nothing; what an interrupted one left is named", async () => {
  const release = lockedByStack();
  await made.writeState(await nobody(), ["postgres", "eventstore"]);
  await made.expectRefused("ECONNREFUSED");
  release();
  await mkdir(`${backup}.unfinished`);
  await expect(backUp(dataDir, backup)).rejects.toThrow(`${backup}.unfinished is there`);
  await mkdir(join(backup, ".unfinished"), { recursive: true });
  await expect(backUp(dataDir, backup)).rejects.toThrow(`${join(backup, ".unfinished")} is there`);
});
