import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { backUp } from "../../embedded/backup/backUp.ts";
import { lockFolder } from "../../embedded/folderLock.ts";
import { writeGiven } from "../../embedded/supervisor/givenFile.ts";
import { leftOver } from "../support/leftOverProcess.ts";
import { makeStackFolder, nobody, unprivileged } from "../support/stackFolder.ts";

let made: Awaited<ReturnType<typeof makeStackFolder>>;
let postgres: string;
let elsewhere: string;
beforeEach(async () => {
  [made, { folder: elsewhere }] = await Promise.all([makeStackFolder(), makeStackFolder()]);
  postgres = join(made.dataDir, "postgres");
});

/** Everything in the folder is free again, whatever a backup had locked. */
const expectFree = () => {
  lockFolder(made.dataDir, "supervisor.lock", "")();
  lockFolder(made.dataDir, "postgres.lock", "")();
  lockFolder(join(made.dataDir, "eventstore"), "lock", "")();
};

test.each([
  ["Postgres", "", "postgres.lock"],
  ["event store", "eventstore", "lock"],
])("is refused while the %s runs alone, and is released", async (_part, below, file) => {
  const unlock = lockFolder(join(made.dataDir, below), file, "");
  onTestFinished(unlock);
  await made.expectRefused(/in use by process \d+: .* runs without a stack, stop it first/);
  unlock();
  expectFree();
  await backUp(made.dataDir, made.backup);
  expectFree();
});

// Other systems do not show which processes use a folder.
test.runIf(process.platform === "linux")("is refused while a Postgres runs that nobody has locked", async () => {
  const left = await leftOver("postgres", elsewhere, postgres);
  await made.expectRefused(`a Postgres runs in ${postgres} without a stack, as process ${left.pid}`);
  expectFree();
});

test("is refused while the Postgres that postmaster.pid names may be one that runs there", async () => {
  const other = await leftOver("postgres", elsewhere, elsewhere);
  // Root sees that it runs elsewhere; another user cannot see where root's processes run.
  if (process.platform === "linux" && process.getuid?.() !== 0) return console.log("only root has processes to hide");
  await writeFile(join(postgres, "postmaster.pid"), `${other.pid}\n${postgres}\n`);
  await unprivileged(made.folder, () => made.expectRefused(`as process ${other.pid}`));
});

const others: [string, () => Promise<number>][] = [
  ["of another program", async () => process.pid],
  ["that is gone", async () => 999_999_999],
];
if (process.platform === "linux")
  others.push(["of a Postgres elsewhere", async () => (await leftOver("postgres", elsewhere, elsewhere)).pid]);

test.each(others)("is not kept by a postmaster.pid with the pid %s", async (_of, pid) => {
  await writeFile(join(postgres, "postmaster.pid"), `${await pid()}\n${postgres}\n`);
  await backUp(made.dataDir, made.backup);
  expect(await readdir(join(made.backup, "postgres"))).not.toContain("postmaster.pid");
});

test("is refused when a part was given to the last run: what the folder has of it is older than the rest", async () => {
  for (const name of ["eventstore", "postgres"]) {
    await writeGiven(made.dataDir, ["redis", name]);
    await made.expectRefused(`last ran with servers that were given (${name})`);
  }
  expectFree();
  await writeGiven(made.dataDir, ["redis", "elasticsearch", "wechat"]);
  await backUp(made.dataDir, made.backup);
});

test("one that runs is refused when a part is given, also one that it starts by a command", async () => {
  onTestFinished(lockFolder(made.dataDir, "supervisor.lock", ""));
  await made.writeState(await nobody(), ["postgres", "eventstore"], ["eventstore"]);
  await made.expectRefused("runs with servers that were given (eventstore)");
  await made.writeState(await nobody(), ["eventstore"], ["postgres", "redis"]);
  await made.expectRefused("runs with servers that were given (postgres)");
  await made.writeState(await nobody(), ["eventstore"], ["redis"]);
  await made.expectRefused(/is starting \(postgres\)$/);
  await made.writeState(await nobody(), ["postgres", "eventstore"], ["redis"]);
  await made.expectRefused("ECONNREFUSED");
});

test("a folder that the user may not look into is not taken for one without data", () =>
  unprivileged(made.folder, async () => {
    await chmod(made.dataDir, 0o600);
    await made.expectRefused("EACCES: permission denied");
    await chmod(made.dataDir, 0o700);
  }));
