import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { ratingsOf } from "./entries.ts";
import { booksOf, runRatings } from "./run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "1000000" },
    books: { type: "string", default: "300" },
    places: { type: "string", default: "10" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [file] = positionals;
if (values.help || file === undefined) {
  console.log(`script/ratings FILE [--rows 1000000] [--books 300] [--places 10]

FILE is MovieLens' ratings.csv (userId,movieId,rating,timestamp). Each user is a reader, each movie one of so many books, each rating
a progress entry at its time. All are sent over HTTP to a stack of its own, in batches of 100, out of order and some twice. Then every
reader's changes and reading time, and the places in so many of their books, are compared with a fold of the rows.`);
  process.exit(values.help ? 0 : 2);
}

const dataDir = await mkdtemp(join(tmpdir(), "heima-ratings-"));
const stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
try {
  const folder = join(dataDir, "books");
  await mkdir(folder);
  const files = Array.from({ length: Number(values.books) }, (_, index) => join(folder, `影评之书${index + 1}.txt`));
  for (const [index, path] of files.entries()) await writeFile(path, bookText(index));
  const heima = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));
  await promisify(execFile)(process.execPath, [heima, "library", "import", "--json", ...files], {
    env: { ...process.env, ...stack.environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  const ratings = ratingsOf(await readFile(file, "utf8"), Number(values.rows));
  let books = await booksOf(stack.api);
  for (let attempt = 0; books.length < files.length && attempt < 60; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    books = await booksOf(stack.api);
  }
  console.log(`${ratings.length} rows, ${books.length} books`);
  const { api, environment } = stack;
  const counts = await runRatings({ api, environment, ratings, books, placesOfReader: Number(values.places) });
  console.log(JSON.stringify(counts));
  console.log("every reader's changes, places and reading time are those of the rows");
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Ten chapters of more than 200 characters. */
function bookText(index: number): string {
  const sentence = `第${index + 1}本书里的人看完了电影，走在回家的路上，谁也没有说话。`;
  const chapters = Array.from({ length: 10 }, (_, no) => `第${no + 1}章 散场\n　　${sentence.repeat(9)}`);
  return [`书名：影评之书${index + 1}`, "作者：无名氏", ...chapters].join("\n");
}
