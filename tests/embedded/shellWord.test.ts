import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { shellWord } from "../../embedded/shellWord.ts";
import { freshDataFolder } from "../../embedded/supervisor/freshDataFolder.ts";

test.each([
  "/data/a",
  "/my data/it's",
  "/数据/文 学",
  "a;b",
  "$(id)",
  "`id`",
  '"',
  "*",
  "~",
  "a\nb",
  "-a",
  "a=b",
  "\\",
])("%j is one word to sh, in a command that is pasted", (text) => {
  const command = `HEIMA_DATA_DIR=${shellWord(text)} sh -c 'printf %s "$HEIMA_DATA_DIR"'`;
  expect(execFileSync("sh", ["-c", command], { encoding: "utf8" })).toBe(text);
});

test("a plain path is left as it is", () => {
  expect(shellWord("/work/.data/2026-11-29T12-41-45-aB3dE6")).toBe("/work/.data/2026-11-29T12-41-45-aB3dE6");
});

test("two stacks that start in one second have folders of their own", () => {
  const parent = mkdtempSync(join(tmpdir(), "heima folders "));
  try {
    const folders = [1, 2, 3].map(() => freshDataFolder(join(parent, ".data")));
    expect(new Set(folders).size).toBe(3);
    for (const folder of folders) expect(basename(folder)).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\w{6}$/);
    for (const folder of folders)
      expect(statSync(folder).mode & 0o777, "Postgres, another user, can enter").toBe(0o755);
  } finally {
    rmSync(parent, { recursive: true });
  }
});
