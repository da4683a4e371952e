import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { running } from "../support/processes.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "heima-elasticsearch-"));
  for (const folder of ["script", ".data/real-elasticsearch"]) mkdirSync(join(project, folder), { recursive: true });
  copyFileSync(
    join(import.meta.dirname, "../../script/real-elasticsearch"),
    join(project, "script/real-elasticsearch"),
  );
});
afterEach(() => rmSync(project, { recursive: true }));

const stop = () => promisify(execFile)(join(project, "script/real-elasticsearch"), ["stop"]);
const pidFile = () => join(project, ".data/real-elasticsearch/pid");

/** A process of this name whose pid is in the file. */
function named(program: string) {
  copyFileSync("/bin/sleep", join(project, program));
  const child = spawn(join(project, program), ["600"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  writeFileSync(pidFile(), `${child.pid}\n`);
  return child;
}

// Other systems may not run a system program under another name.
const onLinux = test.runIf(process.platform === "linux");

onLinux("stop ends the process in the pid file", async () => {
  const ended = once(named("java"), "exit");
  expect(await stop()).toMatchObject({ stderr: "" });
  expect(await ended).toEqual([null, "SIGTERM"]);
  expect(existsSync(pidFile())).toBe(false);
});

onLinux("stop spares a process that has got the pid of a killed server, and forgets it", async () => {
  const other = named("other");
  expect(await stop()).toMatchObject({ stderr: "" });
  expect(running([other.pid ?? 0])).toHaveLength(1);
  expect(existsSync(pidFile())).toBe(false);
});
