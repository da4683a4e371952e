import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { victims } from "./plan.ts";
import { runChaos } from "./run.ts";

test("60 seconds, 6 kills and a FLUSHALL: every acknowledged command is in the log once, and the tables are its fold", {
  timeout: 240_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "heima-chaos-test-"));
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
  const verdict = await runChaos({
    seed,
    lengthMs: 60_000,
    readers: 40,
    kills: 6,
    flushes: 1,
    freezeMs: 0,
    thinkMs: 300,
    dataDir,
    report: (line) => console.log(`[seed ${seed}] ${line}`),
  });
  expect(verdict.differences, `repeat with CHAOS_SEED=${seed}`).toEqual([]);
  expect(verdict.acknowledged).toBeGreaterThan(200);
  // Each victim once, save those that the environment gives without a command to start them: the run names these.
  const killed = victims.filter((victim) => !verdict.leftOut.some((fault) => fault.includes(`kill -9 ${victim},`)));
  expect(killed).toEqual(expect.arrayContaining(["api", "dispatcher", "worker"]));
  expect(verdict.restarts).toMatchObject(Object.fromEntries(killed.map((victim) => [victim, 1])));
  await rm(dataDir, { recursive: true, force: true });
});
