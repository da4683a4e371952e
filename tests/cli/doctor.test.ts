import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { CheckResult } from "../../src/doctor/check.ts";
import type { DoctorOptions } from "../../src/doctor/doctor.ts";
import { runWith } from "./fixtures.ts";

const found: readonly CheckResult[] = [
  { name: "postgres", status: "ok", message: "127.0.0.1:5432, version 18.1", ms: 4 },
  { name: "redis", status: "failed", message: "connect ECONNREFUSED", hint: "start Redis", ms: 2 },
  { name: "event store", status: "skipped", message: "not checked", ms: 0 },
  { name: "wechat", status: "warning", message: "busy", hint: "look again", ms: 9 },
];

async function run(args: readonly string[], results = found) {
  const asked: DoctorOptions[] = [];
  const doctor = async (options: DoctorOptions) => {
    asked.push(options);
    return results;
  };
  return { ...(await runWith(["doctor", ...args], { doctor })), asked };
}

test("a line a check, what to do below it, and 1 when something must be mended", async () => {
  const ended = await run([]);
  expect(ended.stdout).toBe(
    [
      "✓ postgres     127.0.0.1:5432, version 18.1",
      "✗ redis        connect ECONNREFUSED",
      "               → start Redis",
      "- event store  not checked",
      "! wechat       busy",
      "               → look again",
      "",
    ].join("\n"),
  );
  expect(ended).toMatchObject({ code: 1, stderr: "heima: checks failed: redis\n" });
  expect(ended.asked).toEqual([{ timeoutMs: 5_000, write: true }]);
});

test("a warning alone ends with 0; --json is for machines", async () => {
  const results = found.filter(({ status }) => status !== "failed");
  const ended = await run(["--json", "--timeout", "0.5", "--read-only"], results);
  expect(ended).toMatchObject({ code: 0, stderr: "", asked: [{ timeoutMs: 500, write: false }] });
  expect(JSON.parse(ended.stdout)).toEqual({ ok: true, checks: results });
});

test.each([["0"], ["x"], ["61"]])("a time limit of %s is refused with 2", async (limit) => {
  expect(await run(["--timeout", limit])).toMatchObject({ code: 2, asked: [], stdout: "" });
});

test("without what it needs the process itself reports, and ends with 1", async () => {
  const heima = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));
  const ended = await new Promise<{ code: number | null; stdout: string }>((resolve) => {
    const nobody = "http://127.0.0.1:9";
    const env = { PATH: process.env.PATH, ELASTICSEARCH_URL: nobody, WECHAT_API_URL: nobody };
    const options = { cwd: tmpdir(), env };
    const child = execFile(process.execPath, [heima, "doctor", "--json"], options, (_error, stdout) =>
      resolve({ code: child.exitCode, stdout }),
    );
  });
  expect(ended.code).toBe(1);
  const { ok, checks } = JSON.parse(ended.stdout);
  expect(ok).toBe(false);
  expect(checks.map(({ name, status }: CheckResult) => `${name} ${status}`)).toEqual([
    "node ok",
    "configuration failed",
    "postgres skipped",
    "redis skipped",
    "workers skipped",
    "event store skipped",
    "elasticsearch failed",
    "wechat failed",
  ]);
});
