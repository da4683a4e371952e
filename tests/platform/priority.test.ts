import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** The niceness of each thread of a process after it has lowered its priority by these steps. */
async function threadsAfter(...steps: readonly number[]): Promise<readonly number[]> {
  const code = `
    const { lowerPriority } = await import("./src/platform/priority.ts");
    const { readdirSync } = await import("node:fs");
    const { getPriority } = await import("node:os");
    for (const by of ${JSON.stringify(steps)}) lowerPriority(by);
    console.log(JSON.stringify(readdirSync("/proc/self/task").map((thread) => getPriority(Number(thread)))));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--import",
    "tsx",
    "--input-type=module",
    "-e",
    code,
  ]);
  return JSON.parse(stdout);
}

test.runIf(process.platform === "linux")(
  "lowers all threads of a process, those of the garbage collector too",
  async () => {
    const [before = 0] = await threadsAfter(0);
    const after = await threadsAfter(3);
    expect(after.length).toBeGreaterThan(1);
    expect(new Set(after)).toEqual(new Set([Math.min(19, before + 3)]));
  },
);

test.runIf(process.platform === "linux")("lowers what was low already, to 19 at most", async () => {
  const [before = 0] = await threadsAfter(0);
  expect(new Set(await threadsAfter(3, 2))).toEqual(new Set([Math.min(19, before + 5)]));
  expect(new Set(await threadsAfter(15, 15))).toEqual(new Set([19]));
});
