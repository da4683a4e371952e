import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answers } from "../../embedded/supervisor/answers.ts";
import { engineNames } from "../../embedded/supervisor/engineNames.ts";
import { openSupervisorLog } from "../../embedded/supervisor/log.ts";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { openStateFile } from "../../embedded/supervisor/stateFile.ts";
import { until, untilWithin } from "../support/waiting.ts";

/** A separate file system with room for the engines; undefined, with the reason printed, if this process may not mount one. */
function mountDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "heima-supervisor-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=200m", "tmpfs", folder], { stdio: "pipe" });
    return folder;
  } catch (error) {
    console.log(`no disk can be mounted here, which takes root: ${(error as Error).message.trim()}`);
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const disk = mountDisk();

/** Fills the disk to its last byte. */
function fill(file: string): void {
  for (let bytes = 1 << 20; bytes >= 1; bytes = bytes === 1 ? 0 : bytes >> 4 || 1) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
      } catch {
        break;
      }
    }
  }
}

test.skipIf(disk === undefined)(
  "a full disk does not end the supervisor, and what it killed comes back when there is room",
  async () => {
    const folder = disk as string;
    const ballast = join(folder, "ballast");
    const dataDir = join(folder, "data");
    const stack = await startStack({ dataDir, onlyEngines: true, given: {} });
    const urls = {
      postgres: stack.environment.DATABASE_URL ?? "",
      redis: stack.environment.REDIS_URL ?? "",
      eventstore: stack.environment.EVENTSTORE_URL ?? "",
      elasticsearch: stack.environment.ELASTICSEARCH_URL ?? "",
      wechat: stack.wechat,
    };
    try {
      fill(ballast);
      for (const name of engineNames) stack.kill(name, "SIGKILL");
      await until("all were started again, in vain or not", () =>
        engineNames.every((name) => (stack.processes()[name]?.restarts ?? 0) > 0),
      );
      await rm(ballast);
      await untilWithin(90_000, "all answer", async () => {
        const answered = await Promise.all(engineNames.map((name) => answers(name, urls[name])));
        return answered.every(Boolean) && engineNames.every((name) => stack.processes()[name]?.pid != null);
      });
      await until("supervisor.json is true again", async () => {
        const { processes } = JSON.parse(await readFile(join(dataDir, "supervisor.json"), "utf8"));
        return JSON.stringify(processes) === JSON.stringify(stack.processes());
      });
      // Whether lines were lost depends on the space that the dead engines had left; from now on there is some.
      const log = () => readFile(join(dataDir, "logs/supervisor.log"), "utf8");
      const { length } = await log();
      stack.kill("wechat", "SIGKILL");
      await until("the log goes on", async () => (await log()).slice(length).includes("wechat"));
    } finally {
      await stack.stop();
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    }
  },
  240_000,
);

test("a log that cannot be written loses lines, not its owner, and tells it afterwards", async () => {
  const dir = await mkdtemp(join(tmpdir(), "heima-log-"));
  const report = openSupervisorLog(join(dir, "later", "supervisor.log"));
  report("first");
  report("second");
  execFileSync("mkdir", [join(dir, "later")]);
  report("third");
  report("fourth");
  const lines = (await readFile(join(dir, "later", "supervisor.log"), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => line.replace(/^\S+ /, ""))).toEqual([
    expect.stringMatching(/^2 lines could not be written \(ENOENT/),
    "third",
    "fourth",
  ]);
  await rm(dir, { recursive: true });
});

test("a state that cannot be written is written when it can be, as it is then, and only complained of once", async () => {
  const dir = await mkdtemp(join(tmpdir(), "heima-state-"));
  const complaints: string[] = [];
  let state = 1;
  const file = openStateFile(
    join(dir, "later", "state.json"),
    () => ({ state }),
    (message) => complaints.push(message),
  );
  await file.write();
  await file.write();
  expect(complaints).toHaveLength(1);
  state = 2;
  execFileSync("mkdir", [join(dir, "later")]);
  await until("it is written", async () => {
    const text = await readFile(join(dir, "later", "state.json"), "utf8").catch(() => "");
    return text.includes('"state": 2');
  });
  await file.remove();
  await expect(readFile(join(dir, "later", "state.json"))).rejects.toMatchObject({ code: "ENOENT" });
  await rm(dir, { recursive: true });
});
