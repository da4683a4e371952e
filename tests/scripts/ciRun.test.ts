import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const ciRun = fileURLToPath(new URL("../../.ci/run", import.meta.url));
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-ci-"));
  await Promise.all([".ci", "script"].map((folder) => mkdir(join(dir, folder))));
  await copyFile(ciRun, join(dir, ".ci/run"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/**
 * Runs it beside a script/test that does `all` without an option and `search` with --real-elasticsearch; `ended` resolves with its
 * exit code.
 */
async function runBeside({ all, search }: { all: string; search: string }) {
  const script = join(dir, "script/test");
  await writeFile(script, `#!/bin/sh\nif [ "\${1:-}" = --real-elasticsearch ]; then\n${search}\nelse\n${all}\nfi\n`);
  await chmod(script, 0o755);
  const { stdout, status } = spawnSync(join(dir, ".ci/run"), { encoding: "utf8", cwd: tmpdir() });
  return { lines: stdout.trimEnd().split("\n"), ended: status };
}

test("adds up both runs", async () => {
  const { lines, ended } = await runBeside({ all: "echo 2670 passed, 0 failed", search: "echo 120 passed, 0 failed" });
  expect([lines.at(-1), ended]).toEqual(["2790 passed, 0 failed", 0]);
});

test("says why and goes on when no real Elasticsearch can be had", async () => {
  const search = "echo real-elasticsearch: no JDK of 21 or newer >&2; exit 3";
  const { lines, ended } = await runBeside({ all: "echo 2670 passed, 0 failed", search });
  expect(lines).toEqual([
    "2670 passed, 0 failed",
    "real-elasticsearch: no JDK of 21 or newer",
    "the tests of the search ran on the embedded Elasticsearch only",
    "2670 passed, 0 failed",
  ]);
  expect(ended).toBe(0);
});

test.each([
  ["the first", { all: "echo 9 passed, 1 failed; exit 1", search: "echo 5 passed, 0 failed" }, "14 passed, 1 failed"],
  ["the second", { all: "echo 9 passed, 0 failed", search: "echo 4 passed, 1 failed; exit 1" }, "13 passed, 1 failed"],
  ["the first, without a word", { all: "exit 1", search: "echo 5 passed, 0 failed" }, "5 passed, 1 failed"],
  ["the first, in words alone", { all: "echo 9 passed, 0 failed; exit 1", search: "exit 3" }, "9 passed, 1 failed"],
])("fails when %s fails", async (_, scripts, last) => {
  const { lines, ended } = await runBeside(scripts);
  expect([lines.at(-1), ended]).toEqual([last, 1]);
});
