import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** The niceness of each thread of a process that lowers its priority as `niceness` says. */
async function threadsAt(niceness: number): Promise<readonly number[]> {
  const code = `
    const { lowerPriority } = await import("./src/platform/priority.ts");
    const { readdirSync } = await import("node:fs");
    const { getPriority } = await import("node:os");
    lowerPriority(${niceness});
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
  "all threads of a process stand back, those of the garbage collector too",
  async () => {
    const [before = 0] = await threadsAt(0);
    const after = await threadsAt(before + 3);
    expect(after.length).toBeGreaterThan(1);
    expect(new Set(after)).toEqual(new Set([before + 3]));
  },
);
