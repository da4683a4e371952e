import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { makeReaders } from "../commands/workload.ts";
import { headerOf, openConnection } from "../load/connection.ts";
import type { World } from "./lines.ts";
import { chapterIdsOf, readBooks } from "./reading.ts";

const heima = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));
const chaptersOfABook = 20;
const categoryNames = ["玄幻", "都市", "历史", "科幻", "古典"];

/**
 * Fills a stack: imports this many books of 20 chapters by `heima`, and lets each reader shelve 20 of them over HTTP and read in
 * each. Resolves when the read models show the last change.
 */
export async function makeWorld(options: {
  readonly api: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly books: number;
  readonly readers: number;
}): Promise<World> {
  const { api, environment, dataDir } = options;
  const books = await importBooks(join(dataDir, "bench-books"), options.books, environment);
  const claims = { issuer: "heima-literature", audience: "heima-literature-api" };
  const readers = makeReaders(options.readers, environment.JWT_SECRETS ?? "", claims);

  await openAccounts(readers, environment.DATABASE_URL);
  const chapterIds = chapterIdsOf(api);
  const waiting = [...readers];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      const connection = await openConnection(api);
      for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop()) {
        const authorization = `Bearer ${reader.token}`;
        const first = Math.floor(Math.random() * books.length);
        let written = "";
        for (let index = 0; index < Math.min(20, books.length); index++) {
          const book = (first + index) % books.length;
          reader.shelf.add(book);
          const path = `/v1/shelf/${books[book]}`;
          const answer = await connection.ask("PUT", path, { authorization, "idempotency-key": randomUUID() });
          if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`);
          written = headerOf(answer, "consistency-token") ?? written;
        }
        await untilShown(connection, { authorization, "consistency-token": written });
        const read = await readBooks(
          connection,
          authorization,
          [...reader.shelf].map((book) => books[book] ?? ""),
          chapterIds,
        );
        await untilShown(connection, { authorization, "consistency-token": read });
      }
      connection.close();
    }),
  );
  return { books, chaptersOfABook, categories: await fullCategories(api), readers };
}

/** The readers' accounts, which a login would create. */
async function openAccounts(readers: World["readers"], connectionString: string | undefined): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(
    `INSERT INTO accounts (reader_id, openid, registered_at) SELECT id, 'bench-' || id, now() FROM unnest($1::uuid[]) AS id`,
    [readers.map(({ id }) => id)],
  );
  await client.end();
}

/** The categories that have many of the books; the demo library's own are small. */
async function fullCategories(api: string): Promise<string[]> {
  const answer = await fetch(`${api}/v1/categories`);
  const { items } = (await answer.json()) as { items: { id: string; books: number }[] };
  const most = Math.max(...items.map(({ books }) => books));
  return items.filter(({ books }) => books >= most / 2).map(({ id }) => id);
}

async function untilShown(connection: Awaited<ReturnType<typeof openConnection>>, headers: Record<string, string>) {
  for (let attempt = 0; attempt < 30; attempt++) {
    const answer = await connection.ask("GET", "/v1/shelf", headers);
    if (headerOf(answer, "consistency") === "current" && !answer.body.includes('"title":null')) return;
    // The query itself waits for two seconds before it answers that it is not current; without titles it waits for the library.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the read models do not come to the end of the log");
}

async function importBooks(folder: string, count: number, environment: Readonly<Record<string, string>>) {
  await mkdir(folder, { recursive: true });
  const files = Array.from({ length: count }, (_, index) => join(folder, `测量之书${index + 1}.txt`));
  for (const [index, file] of files.entries()) await writeFile(file, bookText(index));
  const { stdout } = await promisify(execFile)(process.execPath, [heima, "library", "import", "--json", ...files], {
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return (JSON.parse(stdout) as { books: { bookId: string }[] }).books.map(({ bookId }) => bookId);
}

/** A typical book: an introduction of some 150 characters, chapters of some 2,000. */
function bookText(index: number): string {
  const sentence = `第${index + 1}本书里的人沿着河走了很久，灯火一盏一盏亮起来，谁也没有说话。`;
  const chapters = Array.from(
    { length: chaptersOfABook },
    (_, no) => `第${no + 1}章 灯火\n${Array.from({ length: 20 }, () => `　　${sentence.repeat(3)}`).join("\n")}`,
  );
  return [
    `书名：测量之书${index + 1}`,
    "作者：无名氏",
    `分类：${categoryNames[index % categoryNames.length]}`,
    `简介：${sentence.repeat(4)}`,
    ...chapters,
  ].join("\n");
}
