import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../src/replay/export/manifest.ts";

export type Killing = {
  /** The environment with DATABASE_URL and EVENTSTORE_URL. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly upTo: bigint;
  readonly eventsOfFile: number;
  readonly kills: number;
  readonly random: () => number;
  readonly say: (line: string) => void;
};

/**
 * Exports the log with an uninterrupted process, and then, `kills` times, with one that is killed (SIGKILL) at a random moment, and
 * another that resumes. Rejects if any result has other bytes; resolves with how many were killed with some of the files written.
 */
export async function killExports(killing: Killing): Promise<{ readonly files: number; readonly halfway: number }> {
  const { folder, kills, random, say } = killing;
  const whole = join(folder, "whole");
  const { child, begun } = start(killing, whole);
  await begun;
  const began = performance.now();
  assert.equal(await endOf(child), 0, "the export that is not killed fails");
  const took = performance.now() - began;
  const expected = await contents(whole);
  let halfway = 0;
  for (let n = 1; n <= kills; n++) {
    const killed = join(folder, `killed-${n}`);
    const { child, begun } = start(killing, killed);
    await begun;
    await Promise.race([sleep(random() * took), endOf(child)]);
    child.kill("SIGKILL");
    await endOf(child);
    const left = await filesWritten(killed);
    if (left > 0 && left < expected.files.length) halfway++;
    const again = start(killing, killed);
    assert.equal(await endOf(again.child), 0, `the export that was killed with ${left} files does not go on`);
    const found = await contents(killed);
    assert.deepEqual(found, expected, `killed with ${left} files written, it ends with other bytes`);
    say(`kill ${n}: with ${left} of ${expected.files.length} files written; the same bytes`);
    await rm(killed, { recursive: true });
  }
  return { files: expected.files.length, halfway };
}

/** `begun` resolves when its folder has the plan of the export, or it has ended. */
function start({ environment, upTo, eventsOfFile }: Killing, folder: string) {
  const program = fileURLToPath(new URL("programs/export.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, folder, `${upTo}`, `${eventsOfFile}`], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const begun = (async () => {
    while (child.exitCode === null && !(await isThere(join(folder, "export.progress")))) await sleep(10);
  })();
  return { child, begun };
}

async function endOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.once("exit", resolve));
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function filesWritten(folder: string): Promise<number> {
  if (await isThere(join(folder, "manifest.json"))) return (await readManifest(folder)).files.length;
  const lines = (await readFile(join(folder, "export.progress"), "utf8")).split("\n");
  return lines.filter((line) => line.includes('"sha256"')).length;
}

/** Every file with its SHA-256, and the manifest without the id of the export. */
async function contents(folder: string) {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
  const { exportId: _, ...manifest } = await readManifest(folder);
  const files = await Promise.all(
    paths
      .filter((path) => path !== "manifest.json")
      .map(async (path) => [
        path,
        createHash("sha256")
          .update(await readFile(join(folder, path)))
          .digest("hex"),
      ]),
  );
  return { files, manifest };
}
