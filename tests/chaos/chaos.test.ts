import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultKinds } from "./plan.ts";
import { runChaos } from "./run.ts";

test("a minute with every fault: acknowledged commands are in the log once, tables are its fold, nothing shown goes back, the erased are gone", {
  timeout: 480_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "heima-chaos-test-"));
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
  const verdict = await runChaos({
    seed,
    lengthMs: 60_000,
    readers: 40,
    rate: 25,
    kinds: faultKinds,
    every: true,
    longAwayMs: 0,
    dataDir,
    report: (line) => console.log(`[seed ${seed}] ${line}`),
  });
  expect(verdict.differences, `repeat with CHAOS_SEED=${seed}; the data are in ${dataDir}`).toEqual([]);
  expect(verdict.acknowledged).toBeGreaterThan(100);
  expect(verdict.shown).toBeGreaterThan(100);
  expect(verdict.load.erasures).toBeGreaterThan(0);
  expect(verdict.load.syncs).toBeGreaterThan(10);
  expect(verdict.load.searches).toBeGreaterThan(0);
  // Each kind once, except those that are not possible here: the run printed the reason.
  const counted = { ...verdict.faults, ...verdict.notAvailable };
  expect(counted).toEqual(Object.fromEntries(faultKinds.map((kind) => [kind, 1])));
  expect(verdict.faults).toMatchObject({
    "kill-api": 1,
    "kill-dispatcher": 1,
    "kill-worker": 1,
    "kill-elasticsearch": 1,
    "elasticsearch-emptied": 1,
    rebuild: 1,
    poison: 1,
  });
  await rm(dataDir, { recursive: true, force: true });
});
