import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { CliDependencies } from "../../src/cli/program.ts";
import type { ListedBook } from "../../src/queries/library/newestBooks.ts";
import { nothingWritten, runWith } from "./fixtures.ts";

const at = "2026-01-01T00:00:00.000Z";
const book = (bookId: string, words: number | null): ListedBook => ({
  bookId,
  title: "红楼梦",
  author: "曹雪芹",
  coverUrl: null,
  channel: "published",
  category: "古典",
  categoryId: "c00000000000",
  subCategory: null,
  status: "finished",
  chapters: 120,
  words,
  edition: 1,
  cataloguedAt: at,
  updatedAt: at,
});
const listBooks = async function* () {
  yield book("hongloumeng0", 861_000);
  yield book("hongloumeng1", null);
};

test("library list --withdrawn queries only the withdrawn books", async () => {
  const asked: boolean[] = [];
  const either = async function* (withdrawn: boolean) {
    asked.push(withdrawn);
    if (withdrawn) yield book("hongloumeng2", null);
  };
  expect((await runWith(["library", "list", "--withdrawn"], { listBooks: either })).stdout).toMatch(
    /^hongloumeng2 .*\n1 books\n$/,
  );
  expect((await runWith(["library", "list"], { listBooks: either })).stdout).toBe("0 books\n");
  expect(asked).toEqual([true, false]);
});

test("library list prints a line a book, or JSON, at most as many as are asked for", async () => {
  const line = "hongloumeng0 《红楼梦》 曹雪芹; published, 古典, finished; 120 chapters, 861000 words\n";
  expect((await runWith(["library", "list", "--limit", "1"], { listBooks })).stdout).toBe(`${line}1 books\n`);
  const { stdout } = await runWith(["library", "list", "--json"], { listBooks });
  const books = stdout
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  expect(books).toMatchObject([{ bookId: "hongloumeng0", words: 861000 }, { words: null }]);
});

test("library list queries no more books than its reader reads, and none when the reader has gone", async () => {
  let asked = 0;
  let isOver = false;
  const manyBooks = async function* () {
    try {
      for (;;) yield book(`hongloumeng${asked++ % 10}`, asked);
    } finally {
      isOver = true;
    }
  };
  const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const askedAtWrites: number[] = [];
  const stdout = new Writable({
    highWaterMark: 1,
    write(_text, _encoding, done) {
      askedAtWrites.push(asked);
      setImmediate(done, askedAtWrites.length < 5 ? null : gone);
    },
  }).on("error", () => {});
  const ended = await runWith(["library", "list"], { listBooks: manyBooks, stdout });
  expect(ended).toMatchObject({ code: 1, stderr: "" });
  expect(askedAtWrites).toEqual([1, 2, 3, 4, 5]);
  expect(isOver).toBe(true);
});

test("library import warns of withdrawn books, of a few by their ids", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heima-withdrawn-"));
  const file = join(folder, "books.jsonl");
  const lines = Array.from({ length: 7 }, (_, id) => JSON.stringify({ id: `${id}`, title: `书${id}`, author: "某人" }));
  await writeFile(file, lines.join("\n"));
  const withLibrary: CliDependencies["withLibrary"] = (work) =>
    work({
      storeTexts: async () => 0,
      storeCover: async () => "",
      publishedChapters: async () => ({ edition: 0, chapters: [], withdrawn: true }),
      bookOfFile: async () => undefined,
      rememberFile: async () => {},
      handleCommand: async () => nothingWritten,
    });
  const { stdout } = await runWith(["library", "import", file], { withLibrary });
  await rm(folder, { recursive: true });
  expect(stdout.match(/! book \w{12} is withdrawn: `heima library restore \w{12}`/g)).toHaveLength(5);
  expect(stdout).toContain("! 2 more books are withdrawn");
});

test("library withdraw and restore say what they did", async () => {
  const result = {
    outcome: "appended",
    position: 1n,
    revision: 1n,
    events: ["BookWithdrawn"],
    consistencyToken: null,
  } as const;
  const told: string[] = [];
  const withdrawBook = async (bookId: string, reason: string) => {
    told.push(`${bookId} ${reason}`);
    return result;
  };
  const ended = await runWith(["library", "withdraw", "hongloumeng0", "--reason", "版权"], { withdrawBook });
  expect(ended).toMatchObject({ code: 0, stdout: "hongloumeng0 is withdrawn\n" });
  expect(told).toEqual(["hongloumeng0 版权"]);
  expect((await runWith(["library", "restore", "hongloumeng0"])).stdout).toBe("hongloumeng0 was not withdrawn\n");
});

test.each([
  ["a malformed id", ["library", "withdraw", "A"]],
  ["no id", ["library", "restore"]],
  ["a limit of none", ["library", "list", "--limit", "0"]],
  ["too long a reason", ["library", "withdraw", "hongloumeng0", "--reason", "长".repeat(201)]],
])("%s is a wrong command line", async (_what, args) => {
  expect(await runWith(args)).toMatchObject({ code: 2, stdout: "" });
});

test("check tells chapters that are empty, twice, or far too long", async () => {
  const chapter = (no: number, words: number, sha256 = String(no)) => ({
    no,
    title: `第${no}章`,
    volume: null,
    words,
    sha256,
  });
  const chapters = [
    chapter(1, 100),
    chapter(2, 0),
    chapter(3, 100, "1"),
    chapter(4, 30_000),
    chapter(5, 120),
    chapter(6, 90),
  ];
  const bookOutline = async () => ({ title: "灯", author: "某人", chapters });
  const { stdout } = await runWith(["library", "check", "a1b2c3d4e5f6"], { bookOutline });
  expect(stdout).toContain("! 2 第2章 has no text\n");
  expect(stdout).toContain("! 3 第3章 has the text of 1\n");
  expect(stdout).toContain("! 4 第4章 has 30000 of 30410 words");
  expect(stdout.match(/!/g)).toHaveLength(3);
  const missing = await runWith(["library", "check", "a1b2c3d4e5f6"], { bookOutline: async () => undefined });
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no book a1b2c3d4e5f6") });
});
