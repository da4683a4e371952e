import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type TableRows, writeTables } from "../course-import/tables.ts";
import { runWith } from "./fixtures.ts";

const removing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of removing.splice(0)) await remove();
});

async function folderOf(tables: TableRows): Promise<string> {
  const { folder, remove } = await writeTables(tables);
  removing.push(remove);
  return folder;
}

const tables = {
  user: [
    { id: 1, openId: "o-lin" },
    { id: 2, openId: "no openid" },
  ],
  book: [{ book_id: 17, book_name: "灯" }],
  search_key_word: [{ id: 1, keyword: "灯", count: 3, is_hot: 1 }],
};

test("--dry-run reads a folder, needs no service, and names each row that is left out by file and line", async () => {
  const folder = await folderOf(tables);
  await writeFile(join(folder, "notes.txt"), "no table");
  const { code, stdout, stderr } = await runWith(["course", "import", "--dry-run", folder]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "user: 2 rows, 1 left out\nbook: 1 rows\nsearch_key_word: 1 rows\n",
  });
  expect(stderr).toBe(`${join(folder, "user.csv")}:3: openId is no openid of WeChat\n`);
});

test("--dry-run names times and numbers that cannot be read", async () => {
  const history = [
    { id: 1, user_id: 1, book_id: 17, updated: "31/12/2020 18:05:09" },
    { id: 2, user_id: 1, book_id: "0x20", updated: null },
  ];
  const folder = await folderOf({ browse_history: history });
  const { stdout, stderr } = await runWith(["course", "import", "--dry-run", folder]);
  expect(stdout).toBe("browse_history: 2 rows, 2 left out\n");
  const file = join(folder, "browse_history.csv");
  expect(stderr.split("\n")).toEqual([
    `${file}:2: updated is no time like 2026-01-31 18:05:09: "31/12/2020 18:05:09"`,
    `${file}:3: book_id is no whole number: "0x20"`,
    "",
  ]);
});

test("--json prints all of it", async () => {
  const folder = await folderOf(tables);
  const { code, stdout, stderr } = await runWith(["course", "import", "--dry-run", "--json", folder]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({
    dryRun: true,
    tables: {
      user: { rows: 2, imported: 0, unchanged: 0, leftOut: 1 },
      book: { rows: 1, imported: 0, unchanged: 0, leftOut: 0 },
      search_key_word: { rows: 1, imported: 0, unchanged: 0, leftOut: 0 },
    },
    chaptersWithoutText: 0,
    leftOut: [{ table: "user", file: join(folder, "user.csv"), line: 3, reason: "openId is no openid of WeChat" }],
    leftOutFields: [],
  });
});

test("chapters without text in the files are counted", async () => {
  const folder = await folderOf({
    book: [{ book_id: 17, book_name: "灯" }],
    book_chapters: [1, 2, 3].map((chapter_id) => ({ book_id: 17, chapter_id, chapter_name: "灯" })),
    book_chapter_content: [
      { book_id: 17, chapter_id: 1, content: "字" },
      { book_id: 17, chapter_id: 2, content: null },
    ],
  });
  const { stdout } = await runWith(["course", "import", "--dry-run", folder]);
  expect(stdout).toContain(
    "2 chapters have no text in the files: those published before keep theirs, others are empty\n",
  );
});

test("twenty rows that were left out are listed, with the number of the others", async () => {
  const folder = await folderOf({ user: Array.from({ length: 23 }, (_, id) => ({ id: id + 1, openId: "" })) });
  const { stderr } = await runWith(["course", "import", "--dry-run", folder]);
  expect(stderr.trim().split("\n")).toHaveLength(21);
  expect(stderr).toContain("3 more rows or fields were skipped; --json prints all of them\n");
});

test("a field that was left out is told", async () => {
  const folder = await folderOf({ book: [{ book_id: 17, book_name: "灯", word_count: "nan" }] });
  const { stdout, stderr } = await runWith(["course", "import", "--dry-run", folder]);
  expect(stdout).toBe("book: 1 rows\n");
  expect(stderr).toBe(`${join(folder, "book.csv")}:2: word_count is no whole number: "nan"; left out\n`);
});

test("a file that is no table, lacks a column, is empty or not there is named, and nothing is written", async () => {
  const folder = await folderOf({ user: [{ id: 1, nickname: "x" }] });
  const at = (name: string) => join(folder, name);
  await writeFile(at("book.csv"), "");
  await writeFile(at("readers.csv"), "id\n1\n");
  const run = async (...paths: string[]) => {
    const { code, stderr } = await runWith(["course", "import", ...paths]);
    return { code, stderr };
  };
  const failed = (stderr: string) => ({ code: 1, stderr: expect.stringContaining(`heima: ${stderr}`) });
  expect(await run(at("user.csv"))).toEqual(
    failed(`${at("user.csv")}: line 1 does not name the columns of user: openid missing`),
  );
  expect(await run(at("book.csv"))).toEqual(failed(`${at("book.csv")}: is empty`));
  expect(await run(at("readers.csv"))).toEqual(failed(`${at("readers.csv")}: is no table of the course`));
  expect(await run(at("read_rate.csv"))).toEqual(failed(`${at("read_rate.csv")}: there is no such file`));
  const empty = await folderOf({});
  expect(await run(empty)).toEqual(failed(`${empty} has no table of the course`));
});

test("invalid options are reported as such", async () => {
  for (const option of [
    ["--utc-offset", "8"],
    ["--cover-base", "img.example"],
  ]) {
    const { code, stderr } = await runWith(["course", "import", ...option, "x"]);
    expect(code).toBe(2);
    expect(stderr).toContain(option[0]);
  }
});

test("without a service an import fails with what is missing", async () => {
  const { code, stderr } = await runWith(["course", "import", await folderOf(tables)]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("heima: there is no service\n") });
});
