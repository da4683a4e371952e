import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const heima = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));

/** Imports `count` small books of one chapter through `heima library import`; resolves with their ids. */
export async function importBooks(
  stack: { environment: Readonly<Record<string, string>> },
  count: number,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "heima-chaos-"));
  try {
    const files: string[] = [];
    for (let no = 1; no <= count; no++) {
      const file = join(folder, `${no}.txt`);
      await writeFile(file, `《乱世书 ${no}》\n作者：无名氏\n\n第一章 风起\n\n　　这是第 ${no} 本书的第一段。\n`);
      files.push(file);
    }
    const { stdout } = await promisify(execFile)(process.execPath, [heima, "library", "import", "--json", ...files], {
      env: { ...process.env, ...stack.environment },
    });
    const { books } = JSON.parse(stdout) as { books: { bookId: string }[] };
    return books.map((book) => book.bookId);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
