import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTxt } from "../../src/library-import/txt/readTxt.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-txt-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function fileOf(name: string, ...parts: (string | Uint8Array)[]): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, Buffer.concat(parts.map((part) => Buffer.from(part as string))));
  return path;
}

test("a file may be named after its book, and only a new one takes that name", async () => {
  const path = await fileOf("《灯》作者：某人.txt", "第一章\n　　正文。");
  expect(await readTxt(path)).toMatchObject({
    title: undefined,
    author: undefined,
    ifNew: { title: "灯", author: "某人" },
  });
});

test("a file that is absent, no file, or larger than 64 MiB is refused by name", async () => {
  await expect(readTxt(join(dir, "none.txt"))).rejects.toThrow(`${join(dir, "none.txt")}: there is no such file`);
  await expect(readTxt(dir)).rejects.toThrow(`${dir}: is a directory`);
  const large = await fileOf("large.txt", "第一章\n");
  await truncate(large, 64 * 1024 * 1024 + 1);
  await expect(readTxt(large)).rejects.toThrow(`${large}: is larger than 64 MiB`);
});
