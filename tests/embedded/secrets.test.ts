import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSecrets } from "../../embedded/supervisor/secrets.ts";
import { syncedDuring } from "../support/syncedDuring.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-secrets-"));
});
afterAll(() => rm(dir, { recursive: true }));

test("secrets are on disk before anything is made with them, and are the same at the next start", async () => {
  let secrets: unknown;
  const synced = await syncedDuring(async () => {
    secrets = await loadSecrets(dir);
  });
  const inodes = await Promise.all([join(dir, "secrets.json"), dir].map(async (path) => (await stat(path)).ino));
  expect(synced).toEqual(inodes);
  expect(await loadSecrets(dir)).toEqual(secrets);
});
