import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ask } from "./ask.ts";
import type { Addresses } from "./reader.ts";
import type { KnownBook } from "./readerCommand.ts";

const heima = fileURLToPath(new URL("../../../bin/heima.js", import.meta.url));
type Settings = { readonly environment: Readonly<Record<string, string>> };

/** Imports `count` small books of one chapter through `heima library import`; resolves with their ids. */
export function importBooks(at: Settings, count: number): Promise<readonly string[]> {
  return importEditions(
    at,
    Array.from({ length: count }, (_, index) => index + 1),
    1,
  );
}

/** Imports one of these books again, with as many chapters as its edition has; rejects when a server is unavailable. */
export function importAnother(at: Settings, book: number, edition: number): Promise<readonly string[]> {
  return importEditions(at, [book], edition);
}

async function importEditions(at: Settings, books: readonly number[], edition: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "heima-chaos-"));
  try {
    const files: string[] = [];
    for (const no of books) {
      const file = join(folder, `${no}.txt`);
      const chapters = Array.from(
        { length: edition },
        (_, index) => `第${index + 1}章 风起\n\n　　这是第 ${no} 本书的第 ${index + 1} 段，第 ${edition} 版。\n`,
      );
      await writeFile(file, `《乱世书 ${no}》\n作者：无名氏\n\n${chapters.join("\n")}`);
      files.push(file);
    }
    const { stdout } = await promisify(execFile)(process.execPath, [heima, "library", "import", "--json", ...files], {
      env: { ...process.env, ...at.environment },
      timeout: 180_000,
    });
    const { books: imported } = JSON.parse(stdout) as { books: { bookId: string }[] };
    return imported.map((book) => book.bookId);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The title and first chapter of each book, as soon as the library shows it. Rejects when that takes two minutes. */
export async function chaptersOf(
  at: Pick<Addresses, "api">,
  bookIds: readonly string[],
): Promise<readonly KnownBook[]> {
  const until = Date.now() + 120_000;
  const known: KnownBook[] = [];
  for (const bookId of bookIds) {
    for (;;) {
      const answer = await ask(`${at.api}/v1/books/${bookId}/chapters?limit=1`);
      const { items = [] } = (answer?.body ?? {}) as { items?: readonly { chapterId: string }[] };
      const [first] = items;
      const book = (await ask(`${at.api}/v1/books/${bookId}`))?.body as { title?: string } | undefined;
      if (first !== undefined && book?.title !== undefined) {
        known.push({ bookId, title: book.title, chapterId: first.chapterId });
        break;
      }
      if (Date.now() > until) throw new Error(`the library does not show ${bookId}`);
      await sleep(200);
    }
  }
  return known;
}
