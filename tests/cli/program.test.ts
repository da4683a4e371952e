import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookReader } from "../../src/library-import/process/bookReader.ts";
import { errorOfEnd } from "../../src/library-import/process/ends.ts";
import { readBooks } from "../../src/library-import/readBooks.ts";
import { runWith as run } from "./fixtures.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-cli-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function bookFile(name: string, text: string): Promise<string> {
  await mkdir(dirname(join(dir, name)), { recursive: true });
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

test("a file is imported under the id, title, author, category and channel that are given", async () => {
  const file = await bookFile("某书.txt", "第一章 风起\n　　正文。");
  const given = [
    "--id",
    "abcdefghijkl",
    "--title",
    "灯",
    "--author",
    "某人",
    "--category",
    "童话",
    "--channel",
    "female",
  ];
  const ended = await run(["library", "import", file, ...given]);
  expect(ended).toMatchObject({
    code: 0,
    stderr: "",
    stdout:
      "abcdefghijkl 《灯》 某人: 1 chapters, 3 words; wrote BookCatalogued, BookPublished\n" +
      "  100.0 % of the text kept (3 of 3 characters); chapters by: 第…章, 1 of them\n",
  });
  const book = { title: "灯", author: "某人", category: "童话", channel: "female" };
  expect(ended.commands[0]).toMatchObject(["book-abcdefghijkl", { type: "CatalogueBook", book }]);
});

test.each([
  ["--title", 201, 200],
  ["--author", 101, 100],
  ["--category", 51, 50],
  ["--source", 201, 200],
])("%s of %i characters is refused", async (option, length, most) => {
  const ended = await run(["library", "import", "any.txt", option, "字".repeat(length)]);
  expect(ended).toMatchObject({ code: 2, commands: [] });
  expect(ended.stderr).toContain(`It must have 1 to ${most} characters.`);
  const blank = await run(["library", "import", "any.txt", option, "\u3164"]);
  expect(blank).toMatchObject({ code: 2, commands: [] });
  expect(blank.stderr).toContain("a visible character");
});

test("a file that cannot be used fails, and does not keep the others out", async () => {
  const good = await bookFile("good.txt", "第一章 风起\n　　正文。");
  const bad = await bookFile("bad.txt", "没有\0章节。");
  const none = join(dir, "none.txt");
  const ended = await run(["library", "import", none, bad, good, "--json"]);
  expect(ended.code).toBe(1);
  const [first, second] = ended.stderr.split("\n");
  expect(first).toBe(`heima: could not import ${none}: there is no such file`);
  expect(second).toMatch(`  and ${bad}: `);
  expect(JSON.parse(ended.stdout).books).toEqual([
    { file: none, error: `${none}: there is no such file` },
    { file: bad, error: expect.stringContaining("this is no text file") },
    expect.objectContaining({ file: good, title: "good", chapters: 1 }),
  ]);
});

test("a file whose reading the machine broke off is to be imported again, and does not keep the others out", async () => {
  const good = await bookFile("good.txt", "第一章 风起\n　　正文。");
  const killed = await bookFile("killed.txt", "第一章 风起\n　　正文。");
  const startBookReader = (): BookReader => ({
    async *read(path) {
      if (path === killed) throw errorOfEnd(path, { exitCode: null, signalCode: "SIGKILL" }, 8_000);
      yield* readBooks(path);
    },
    close() {},
  });
  const ended = await run(["library", "import", killed, good], { startBookReader });
  const reason = `${killed}: the process that reads files was ended by SIGKILL`;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(`heima: could not import ${reason}; import it again\n`);
  expect(ended.stdout).toContain("《good》");
  expect(ended.stdout).toContain("2 files, 1 not imported: 1 books, 1 new or changed");
  const dry = await run(["library", "import", "--dry-run", killed, good], { startBookReader });
  expect(dry).toMatchObject({ code: 1, stderr: `heima: could not read ${reason}\n` });
  expect(dry.stdout).toMatch(/^not read: .*killed\.txt\n《good》/);
});

test("--dry-run --json prints what an import would find, and needs no library", async () => {
  const novel = await bookFile(
    "《灯》作者：某人.txt",
    "前言\n　　写在前面。\n\n第一卷 起\n\n第一章 风起\n　　正 文。\n",
  );
  const catalogue = await bookFile("books.jsonl", '{"id": 1, "title": "夜", "author": "某"}\n');
  const picture = await bookFile("picture.txt", "GIF89a");
  const withLibrary = () => Promise.reject(new Error("no library here"));
  const ended = await run(["library", "import", "--dry-run", "--json", novel, picture, catalogue], { withLibrary });
  expect(ended).toMatchObject({ code: 1, commands: [] });
  expect(ended.stderr).toBe(`heima: could not read ${picture}: is a GIF picture; books are TXT, EPUB or JSONL\n`);
  expect(JSON.parse(ended.stdout)).toEqual({
    books: [
      {
        file: novel,
        title: "灯",
        author: "某人",
        encoding: "utf-8",
        account: { read: 9, kept: 9, rule: "第…章, 1 of them, in 1 volumes", warnings: [] },
        chapters: [
          { no: 1, title: "前言", volume: null, kind: "preface", words: 5 },
          { no: 2, title: "第一章 风起", volume: "第一卷 起", kind: "chapter", words: 3 },
        ],
      },
      { file: picture, error: `${picture}: is a GIF picture; books are TXT, EPUB or JSONL` },
      { file: catalogue, title: "夜", author: "某", encoding: "utf-8", account: null, chapters: [] },
    ],
  });
});

test("--dry-run alone prints lines for people", async () => {
  const novel = await bookFile("灯.txt", "第一章 风起\n　　正文。\n\n后记\n　　谢谢。\n");
  const ended = await run(["library", "import", "--dry-run", novel, "--author", "某人"]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toBe(
    "《灯》 某人: 2 chapters, 6 words\n  100.0 % of the text kept (6 of 6 characters); chapters by: 第…章, 1 of them\n  1 第一章 风起: 3 words\n  2 后记 (afterword): 3 words\n",
  );
});

test("a failure is one line without a stack, also that of a refused connection", async () => {
  const refused = new AggregateError([
    new Error("connect ECONNREFUSED ::1:5432"),
    new Error("connect ECONNREFUSED 127.0.0.1:5432"),
  ]);
  const migrate = () => Promise.reject(refused);
  const ended = await run(["migrate"], { migrate });
  expect(ended).toMatchObject({ code: 1, stdout: "", stderr: "heima: connect ECONNREFUSED ::1:5432\n" });
});

// A store's connection fails with the error code of a closed output pipe (EPIPE).
test.each(["EPIPE", "ECONNRESET"])("a store's %s is a failure with a line", async (code) => {
  const migrate = () => Promise.reject(Object.assign(new Error(`write ${code}`), { code, syscall: "write" }));
  const ended = await run(["migrate"], { migrate });
  expect(ended).toMatchObject({ code: 1, stdout: "", stderr: `heima: write ${code}\n` });
});

test.each([
  ["no command", []],
  ["an unknown command", ["library", "burn"]],
  ["no file", ["library", "import"]],
  ["a file beside --demo", ["library", "import", "--demo", "a.txt"]],
  ["one id for two files", ["library", "import", "a.txt", "b.txt", "--id", "abcdefghijkl"]],
  ["one author for the demo library", ["library", "import", "--demo", "--author", "某人"]],
  ["a malformed id", ["library", "import", "a.txt", "--id", "A"]],
  ["an unknown channel", ["library", "import", "a.txt", "--channel", "other"]],
])("the command line is refused with 2 for %s", async (_what, args) => {
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 2, stdout: "", commands: [] });
  expect(ended.stderr).not.toBe("");
});

test("--help explains the import with examples and ends with 0", async () => {
  const ended = await run(["library", "import", "--help"]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toContain("heima library import --demo");
});

test("no line of any help is wider than 125 columns", async () => {
  const helpOf = async (command: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout } = await run([...command, "--help"]);
    expect(code).toBe(0);
    const [, list = ""] = stdout.split("\nCommands:\n");
    const [rows = ""] = list.split("\n\n");
    const names = [...rows.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
    const below = await Promise.all(names.map((name) => helpOf([...command, name])));
    return [...stdout.split("\n").map((line) => `${command.join(" ")}: ${line}`), ...below.flat()];
  };
  const lines = await helpOf([]);
  expect(lines.some((line) => line.startsWith("library import: "))).toBe(true);
  expect(lines.filter((line) => line.slice(line.indexOf(": ") + 2).length > 125)).toEqual([]);
});

test("a folder means its files; --show prints the chapters; an import that loses text requires --force", async () => {
  const book = await bookFile("夜/雪夜书.txt", "第一章 风\n　　正文。\n第二章 雨\n　　又。\n");
  const shown = await run(["library", "import", dirname(book), "--show"]);
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(shown.stdout).toContain("《雪夜书》 佚名: 2 chapters");
  expect(shown.stdout).toContain("  2 第二章 雨: 2 words\n");
  const banners = Array.from({ length: 400 }, (_, no) => `更多精彩小说请访问 www.example${no}.com 尽在某某书库`).join(
    "\n",
  );
  const poor = await bookFile("少.txt", `第一章 风\n　　正文。\n${banners}\n`);
  const refused = await run(["library", "import", poor]);
  expect(refused).toMatchObject({ code: 1, commands: [] });
  expect(refused.stderr).toMatch(/only .* % of the text is in the book: line 3.*--force imports it all the same/);
  const forced = await run(["library", "import", poor, "--force"]);
  expect(forced.code).toBe(0);
  expect(forced.stdout).toContain("  ! only");
});
