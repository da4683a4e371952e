import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const commandOf = (program: string) => `"$0" --import tsx ${join(import.meta.dirname, `programs/${program}`)}`;

/** The output of the shell command; `$0` is Node. */
const shell = (command: string) =>
  new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const options = { maxBuffer: 100 * 2 ** 20 };
    execFile("sh", ["-c", command, process.execPath], options, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });

test("a process does not end before its output is read, however long connections to servers may linger", async () => {
  const { stdout, stderr } = await shell(`${commandOf("writeText.ts")} 3000000 | cat`);
  expect(stderr).toBe("");
  expect(stdout).toHaveLength(3_000_000);
});

test("all rows are printed", async () => {
  const { stdout, stderr } = await shell(`${commandOf("queryRows.ts")} 20000 | cat`);
  expect(stderr).toBe("begun\nremoved\n");
  expect(stdout.split("\n")).toHaveLength(20_002);
});

test("a command whose reader goes ends in order, with 1 and without a word", async () => {
  const { stdout, stderr } = await shell(`{ ${commandOf("queryRows.ts")} 20000; echo "code $?" >&2; } | head -n 1`);
  expect(stderr).toBe("begun\nremoved\ncode 1\n");
  expect(stdout).toBe("row,fill\n");
});

test("heima itself is such a command", async () => {
  const heima = join(import.meta.dirname, "../../bin/heima.js");
  const { stderr } = await shell(`{ "$0" ${heima} library import --help; echo "code $?" >&2; } | true`);
  expect(stderr).toBe("code 1\n");
});

test.skipIf(!existsSync("/dev/full"))("an output that cannot be written is a failure with a reason", async () => {
  const full = "heima: ENOSPC: no space left on device, write\n";
  const printed = await shell(`${commandOf("queryRows.ts")} 100 > /dev/full; echo "code $?"`);
  expect(printed).toEqual({ stderr: `begun\nremoved\n${full}`, stdout: "code 1\n" });
  const written = await shell(`${commandOf("writeText.ts")} 100 > /dev/full; echo "code $?"`);
  expect(written).toEqual({ stderr: full, stdout: "code 1\n" });
});

/** The stderr of a program that gets the signal at its first output to stderr, and whose stdout nobody reads; it must exit with 1. */
async function interrupted(program: string, signal: NodeJS.Signals): Promise<string> {
  const args = ["--import", "tsx", join(import.meta.dirname, `programs/${program}`), "20000"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.once("data", () => child.kill(signal));
  const [stderr] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(child).toMatchObject({ exitCode: 1, signalCode: null });
  return stderr;
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends a command in order, also while nobody reads its output",
  async (signal) => {
    expect(await interrupted("queryRows.ts", signal)).toBe("begun\nremoved\nheima: interrupted\n");
  },
);

test("code that never returns hears none of these, and SIGQUIT ends it", async () => {
  const child = spawn("sh", ["-c", `ulimit -c 0; exec ${commandOf("endlessReducer.ts")}`, process.execPath], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  await once(child.stderr, "data");
  for (const signal of ["SIGINT", "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) child.kill(signal);
  expect(await ended).toEqual([null, "SIGQUIT"]);
});

test("so it does one that prints the results it has", async () => {
  expect(await interrupted("runReducer.ts", "SIGTERM")).toBe("run\nheima: interrupted\n");
});
