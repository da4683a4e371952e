import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder } from "../../src/platform/makeFolder.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-folder-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a folder is made with those above it, and left if it is there", async () => {
  const path = join(folder, "a", "b", "c");
  for (let n = 0; n < 2; n++) {
    await makeFolder(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  }
});

test("where a file lies none is made", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.runIf(existsSync("/proc/self"))(
  "where a folder takes no other it is refused, and not tried for ever",
  async () => {
    await expect(makeFolder("/proc/nowhere/a")).rejects.toMatchObject({ code: "ENOENT" });
  },
);
