import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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
  expect(verdict.restarts).toMatchObject({ api: 1, dispatcher: 1, worker: 1, redis: 1, postgres: 1, eventstore: 1 });
  await rm(dataDir, { recursive: true, force: true });
});
