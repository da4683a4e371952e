import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UnusableBookFile } from "../../src/library-import/parsedBook.ts";
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

test("a file is named after its book when the text has no title", async () => {
  const path = await fileOf("《灯》作者：某人.txt", "第一章\n　　正文。");
  expect(await readTxt(path)).toMatchObject({ title: "灯", author: "某人" });
});

test("bytes that are no UTF-8 are refused, the first of them named", async () => {
  const gb18030 = Uint8Array.from([0xb5, 0xda, 0xd2, 0xbb, 0xd5, 0xc2]);
  const path = await fileOf("gb.txt", "第一章\n", gb18030);
  const reading = readTxt(path);
  await expect(reading).rejects.toThrow(UnusableBookFile);
  await expect(reading).rejects.toThrow(`${path}: is not UTF-8 at byte 10`);
});

test("a replacement character of the text itself is not taken for a bad byte", async () => {
  const good = "\uFEFF第一章\n　　\uFFFD好\uFFFD";
  expect((await readTxt(await fileOf("good.txt", good))).chapters[0]?.text).toBe("　　\uFFFD好\uFFFD");
  const truncated = Buffer.from("章").subarray(0, 2);
  const path = await fileOf("cut.txt", good, truncated);
  await expect(readTxt(path)).rejects.toThrow(`is not UTF-8 at byte ${Buffer.byteLength(good)}`);
});

test("a file that is absent, no file, or larger than 32 MiB is refused by name", async () => {
  await expect(readTxt(join(dir, "none.txt"))).rejects.toThrow(`${join(dir, "none.txt")}: there is no such file`);
  await expect(readTxt(dir)).rejects.toThrow(`${dir}: is not a file`);
  const large = await fileOf("large.txt", "第一章\n");
  await truncate(large, 32 * 1024 * 1024 + 1);
  await expect(readTxt(large)).rejects.toThrow(`${large}: is larger than 32 MiB`);
});
