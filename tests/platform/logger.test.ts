import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const program = join(import.meta.dirname, "programs/logLines.ts");

/** A process that logs to `fd` (or a pipe) on demand. */
function logTo(stdout: number | "pipe") {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", program], {
    stdio: ["ignore", stdout, "inherit", "ipc"],
  });
  return {
    child,
    /** Logs this many lines; returns the total of lost lines. Rejects if the process ends instead. */
    async log(lines: number): Promise<number> {
      const answer = once(child, "message");
      const ended = once(child, "exit").then(([code]) => {
        throw new Error(`the process ended with ${code}`);
      });
      ended.catch(() => {});
      child.send(lines);
      const [lost] = await Promise.race([answer, ended]);
      return lost as number;
    },
    async end() {
      child.disconnect();
      if (child.exitCode === null) await once(child, "exit");
      return child.exitCode;
    },
  };
}

test.skipIf(!existsSync("/dev/full"))(
  "a process lives on when no line of its log can be written (ENOSPC)",
  async () => {
    const full = openSync("/dev/full", "w");
    const logger = logTo(full);
    closeSync(full);
    expect(await logger.log(100)).toBe(100);
    expect(await logger.log(1)).toBe(101);
    expect(await logger.end()).toBe(0);
  },
);

test("a process lives on when nobody reads its log any more (EPIPE)", async () => {
  const logger = logTo("pipe");
  expect(await logger.log(0)).toBe(0);
  logger.child.stdout?.destroy();
  await expect.poll(() => logger.log(10)).toBeGreaterThan(0);
  expect(await logger.end()).toBe(0);
});

const disk = mountSmallDisk();
afterAll(() => {
  if (disk === undefined) return;
  execFileSync("umount", [disk]);
  rmSync(disk, { recursive: true });
});

test.skipIf(disk === undefined)("what a full disk lost is told in the log when there is room again", async () => {
  const ballast = join(disk!, "ballast");
  const file = join(disk!, "log");
  writeFileSync(ballast, Buffer.alloc(768 * 1024));
  const fd = openSync(file, "a");
  const logger = logTo(fd);
  closeSync(fd);
  const lost = await logger.log(400);
  expect(lost).toBeGreaterThan(0);
  rmSync(ballast);
  expect(await logger.log(1)).toBe(lost);
  expect(await logger.end()).toBe(0);

  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(JSON.parse(lines.at(-2)!)).toMatchObject({
    level: "warn",
    service: "test",
    lines: lost,
    errorCode: "ENOSPC",
    msg: "log lines were lost",
  });
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ msg: "a line", line: 0 });
  // At most one line is cut off: the one at which the disk became full.
  expect(lines.filter((line) => !line.endsWith("}")).length).toBeLessThanOrEqual(1);
});

/** A separate file system of 1 MiB; undefined, with the reason printed, if this process may not mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "heima-small-log-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "pipe" });
    return folder;
  } catch (error) {
    console.log(`no small disk can be mounted here, which takes root: ${(error as Error).message.trim()}`);
    rmSync(folder, { recursive: true });
    return undefined;
  }
}
