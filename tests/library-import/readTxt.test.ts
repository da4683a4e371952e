import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import iconv from "iconv-lite";
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

test("what cannot be read, and a second encoding, are warnings of the account", async () => {
  const text = "第一章 风\n　　他沿着河边走了很久，看见桥旁有人守着灯。\n";
  const damaged = await fileOf("damaged.txt", text, Buffer.from([0xff]), text.replace("一", "二"));
  expect((await readTxt(damaged)).account!.warnings[0]).toMatch(/^1 characters cannot be read .* line 3/);
  const mixed = await fileOf("mixed.txt", text, iconv.encode(text.replace("一", "二"), "gb18030"));
  const book = await readTxt(mixed);
  expect(book.account!.warnings[0]).toContain("two encodings");
  expect(book.chapters.map(({ title }) => title)).toEqual(["第一章 风", "第二章 风"]);
});
