import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const script = join(import.meta.dirname, "../../script/test-results.mjs");
const folder = mkdtempSync(join(tmpdir(), "heima-results-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of results: by test file, its tests; `null` for one that could not be loaded. */
function results(name: string, files: Record<string, readonly ("passed" | "failed" | "skipped")[] | null>): string {
  const testResults = Object.entries(files).map(([name, tests]) => ({
    name,
    status: tests === null || tests.includes("failed") ? "failed" : "passed",
    assertionResults: (tests ?? []).map((status) => ({ status })),
  }));
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}
const run = (...args: string[]) => execFileSync(process.execPath, [script, ...args], { encoding: "utf8" });

test("counts tests, and a file that cannot be loaded as one that failed", () => {
  const first = results("first", { a: ["passed", "failed", "skipped"], b: ["passed"], c: null });
  expect(run("count", first)).toBe("2 2\n");
  expect(run("failed", first)).toBe("a\nc\n");
});

test("what ran again counts as it did then", () => {
  const first = results("first", { a: ["passed", "failed"], b: ["passed"], c: null });
  const again = results("again", { a: ["passed", "passed"], c: ["passed", "failed"] });
  expect(run("count", first, again)).toBe("4 1\n");
  expect(run("count", first, join(folder, "never written"))).toBe("2 2\n");
});

test("many failures are not run again", () => {
  const first = results("first", Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, null])));
  expect(run("failed", first)).toBe("");
});
