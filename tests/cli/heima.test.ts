import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createDatabase, dropDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";

const heima = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));
const database = `heima_cli_${process.pid}`;
const closing: (() => Promise<unknown>)[] = [];
let environment: { DATABASE_URL: string; EVENTSTORE_URL: string };

beforeAll(async () => {
  const store = await freshEventStore("the demo library must not be there yet");
  closing.push(store.stop);
  const url = await createDatabase(inject("postgresUrl"), database);
  closing.push(() => dropDatabase(inject("postgresUrl"), database));
  environment = { DATABASE_URL: url, EVENTSTORE_URL: store.url };
});
afterAll(() => Promise.all(closing.map((close) => close())));

/** Runs bin/heima.js as a user does: as a process, from a folder outside the project. */
function run(args: readonly string[], env: Record<string, string> = environment) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: tmpdir(), env: { PATH: process.env.PATH, ...env } };
    const child = execFile(process.execPath, [heima, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

test("an empty database is migrated and takes the demo library, once", async () => {
  expect(await run(["migrate"])).toEqual({ code: 0, stderr: "", stdout: "The database is up to date.\n" });

  const first = await run(["library", "import", "--demo", "--json"]);
  expect(first.code, first.stderr).toBe(0);
  const { books } = JSON.parse(first.stdout);
  expect(books).toHaveLength(6);
  for (const book of books) expect(book.events).toEqual(["BookCatalogued", "ChaptersPublished", "BookPublished"]);
  expect(await countTexts()).toBe(books.reduce((sum: number, book: { chapters: number }) => sum + book.chapters, 0));

  const second = await run(["library", "import", "--demo"]);
  expect(second.code, second.stderr).toBe(0);
  const lines = second.stdout
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith(" "));
  expect(lines.pop()).toBe("6 files, 0 not imported: 6 books, 0 new or changed");
  expect(lines).toHaveLength(6);
  for (const line of lines)
    expect(line).toMatch(/^[a-z0-9]{12} 《.+》 .+ words; already in the library, nothing written$/);
});

test("a dry run needs no service and no settings", async () => {
  const ended = await run(["library", "import", "--demo", "--dry-run", "--json"], {});
  expect(ended.code, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout).books).toHaveLength(6);
});

test("a missing setting is named and ends with 1, a wrong command line with 2", async () => {
  const unset = await run(["library", "import", "a.txt"], { DATABASE_URL: environment.DATABASE_URL });
  expect(unset).toMatchObject({ code: 1, stdout: "" });
  expect(unset.stderr).toMatch(/^heima: The configuration is incomplete .+\n {2}EVENTSTORE_URL: is not set\n$/);
  expect(await run(["burn"])).toMatchObject({ code: 2, stdout: "" });
});

async function countTexts(): Promise<number> {
  const client = new pg.Client({ connectionString: environment.DATABASE_URL });
  await client.connect();
  const counted = await client.query("SELECT count(*)::int AS texts FROM content");
  await client.end();
  return counted.rows[0].texts;
}
