import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportBooks } from "./exportBooks.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-short-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a program after a command of the shell, and resolves with its output. */
async function run(program: string, limit: string, ...args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  const command = `trap '' XFSZ; ${limit} exec "$0" --import tsx "$@"`;
  const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, path, ...args], {
    // Its cached bundles would be cut off, too.
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
  });
  return stdout.trim();
}

// A limit on the size of files acts like a disk that fills up: write(2) writes a part, and only the next call fails.
test.each(["csv", "ndjson"])(
  "%s: of a file that the system takes a part of nothing is left in its place",
  async (format) => {
    expect(await run("textFile.ts", "ulimit -f 8;", folder, format)).toBe("EFBIG");
    expect(await readdir(folder)).toEqual([".unfinished"]);
    expect(await run("textFile.ts", "", folder, format)).toBe("ok");
    expect((await readdir(folder)).sort()).toEqual([".unfinished", "day"]);
  },
  240_000,
);

test("an export that goes on while the disk is full keeps what it has, and ends when there is room", async () => {
  const leaving = new AbortController();
  const onProgress = ({ events }: { events: number }) => {
    if (events > 30) leaving.abort(new Error("interrupted"));
  };
  await expect(exportBooks(folder, { onProgress, signal: leaving.signal })).rejects.toThrow("interrupted");
  const progress = () => readFile(join(folder, "export.progress"), "utf8");
  const before = await progress();
  expect(before.split("\n").length).toBeGreaterThan(2);
  expect(await run("exportBooks.ts", "ulimit -f 0;", folder)).toBe("EFBIG");
  expect(await progress()).toBe(before);
  const read: number[] = [];
  const manifest = await exportBooks(folder, { onProgress: ({ events }) => read.push(events) });
  expect(manifest).toMatchObject({ events: 60, files: { length: 6 } });
  expect(read.at(-1)).toBeLessThan(60);
}, 240_000);
