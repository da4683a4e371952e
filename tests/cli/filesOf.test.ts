import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { filesOf } from "../../src/cli/filesOf.ts";

test("a folder's books are found, and nothing that only lies beside them; a file by its name always", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heima-files-"));
  for (const path of ["novels/__MACOSX", ".git"]) mkdirSync(join(folder, path), { recursive: true });
  const books = ["a.jsonl", "b.TXT", "novels/c.epub", "novels/d.ndjson"];
  const others = [
    "a.info.json",
    "truth.json",
    "novels/cover.jpg",
    "novels/._c.epub",
    "novels/__MACOSX/c.epub",
    ".git/x.txt",
  ];
  for (const path of [...books, ...others]) writeFileSync(join(folder, path), "");
  const found = await filesOf([folder, join(folder, "truth.json"), join(folder, "gone.txt")]);
  expect(found.map((path) => relative(folder, path))).toEqual([...books, "truth.json", "gone.txt"]);
  rmSync(folder, { recursive: true });
});
