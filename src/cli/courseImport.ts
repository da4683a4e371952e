import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { type Course, type ReadCourseOptions, readCourse } from "../course-import/readCourse.ts";
import { tableNames, tableOf } from "../course-import/tables.ts";
import { type CourseSummary, startTally } from "../course-import/tally.ts";
import { type CourseImportDependencies, writeCourse } from "../course-import/writeCourse.ts";
import { startProgress } from "./progress.ts";

export type CourseImportCliDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Connects to Postgres and the event store for the duration of `work`. */
  readonly withCourse: <Result>(work: (deps: CourseImportDependencies) => Promise<Result>) => Promise<Result>;
  /** Aborted when the user interrupts the command. */
  readonly interruption: () => AbortSignal;
};

type Options = {
  readonly coverBase?: string;
  readonly utcOffset: string;
  readonly replace?: true;
  readonly dryRun?: true;
  readonly json?: true;
};

const examples = `
Each file is named after its table and ends in .csv (RFC 4180, the first line has the column names) or .jsonl (one object
per line):
${tableNames.map((name) => `  ${name}`).join("\n")}
Books and chapters keep their old numbers on the course's routes. Users become readers, as if they had logged in. Unusable
rows and fields are skipped and reported. The import may be repeated: it continues where the last one stopped, writes
nothing twice, and adds new rows. Fields that the files lack (a text, a cover, a category) stay as they are; a book with
fewer chapters, or mostly different ones, is skipped unless --replace is given. Search keywords are not imported.

Examples:
  heima course import --dry-run course/
  heima course import course/ --cover-base http://img.example.com
  heima course import --json user.jsonl book.csv book_chapters.csv book_chapter_content.csv book_shelf.csv`;

/** The maximum number of skipped rows and fields that are printed; with --json all are. */
const maxPrintedRows = 20;

/** Adds `heima course import`. */
export function addCourseImport(heima: Command, deps: CourseImportCliDependencies): void {
  heima
    .command("course")
    .description("import data of the course 嘿马文学")
    .command("import")
    .description("import the course's MySQL tables: users, books, shelves, history, settings, reading rates")
    .argument("<path...>", "the files, or a folder with them")
    .option("--cover-base <url>", "base URL of covers that are file names", webAddress)
    .option("--utc-offset <offset>", "UTC offset of times in the tables", utcOffset, "+08:00")
    .option("--replace", "import books even if most of their chapters are replaced, or some removed")
    .option("--dry-run", "read the files without importing; needs no services and no settings")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (paths: readonly string[], { coverBase, utcOffset, replace, dryRun, json }: Options) => {
      const course = await read(await filesOf(paths), { coverBase, utcOffset }, deps);
      try {
        const summary = dryRun ? startTally(course).summary() : await write(course, replace, deps);
        const text = json
          ? JSON.stringify({ dryRun: dryRun === true, ...summary })
          : sentences(summary, dryRun === true);
        deps.stdout.write(`${text}\n`);
        if (!json) printSkipped(summary, deps.stderr);
      } finally {
        await course.close();
      }
    });
}

async function read(
  files: readonly string[],
  options: Omit<ReadCourseOptions, "onRead">,
  deps: CourseImportCliDependencies,
): Promise<Course> {
  const progress = startProgress("reading", deps.stderr);
  try {
    return await readCourse(files, { ...options, onRead: progress.update });
  } finally {
    progress.stop();
  }
}

async function write(
  course: Course,
  replace: boolean | undefined,
  deps: CourseImportCliDependencies,
): Promise<CourseSummary> {
  const progress = startProgress("importing", deps.stderr);
  const signal = deps.interruption();
  try {
    return await deps.withCourse((given) =>
      writeCourse(course, given, { replace, onProgress: progress.update, signal }),
    );
  } finally {
    progress.stop();
  }
}

/** The files, with folders replaced by the tables in them. */
async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) => tableOf(name) !== undefined).sort();
    if (names.length === 0) throw new Error(`${path} has no table of the course`);
    files.push(...names.map((name) => join(path, name)));
  }
  return files;
}

function sentences({ tables, chaptersWithoutText }: CourseSummary, dryRun: boolean): string {
  const lines = Object.entries(tables).map(([table, { rows, imported, unchanged, leftOut }]) => {
    const read = `${table}: ${rows} rows`;
    const out = leftOut === 0 ? "" : `, ${leftOut} left out`;
    const isDone = imported + unchanged > 0;
    return dryRun || !isDone ? `${read}${out}` : `${read}, ${imported} imported, ${unchanged} unchanged${out}`;
  });
  if (chaptersWithoutText > 0)
    lines.push(
      `${chaptersWithoutText} chapters have no text in the files: those published before keep theirs, others are empty`,
    );
  return lines.join("\n");
}

function printSkipped({ leftOut, leftOutFields }: CourseSummary, stderr: NodeJS.WritableStream): void {
  const skipped = [...leftOut, ...leftOutFields];
  for (const { file, line, reason } of skipped.slice(0, maxPrintedRows)) {
    stderr.write(`${file}${line === null ? "" : `:${line}`}: ${reason}\n`);
  }
  const more = skipped.length - maxPrintedRows;
  if (more > 0) stderr.write(`${more} more rows or fields were skipped; --json prints all of them\n`);
}

function webAddress(value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new InvalidArgumentError("It must be a URL that begins with http:// or https://.");
  }
  return value;
}

function utcOffset(value: string): string {
  if (!/^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(value)) throw new InvalidArgumentError("It must be like +08:00.");
  return value;
}
