import { type Command, InvalidArgumentError, Option } from "commander";
import { bookId } from "../domain/ids.ts";
import type { CataloguedBook } from "../domain/library/events.ts";
import { type ImportDeps, type ImportOptions, type ImportResult, importBook } from "../library-import/importBook.ts";
import { UnusableBookFile } from "../library-import/parsedBook.ts";
import { readTxt } from "../library-import/txt/readTxt.ts";
import { dryRun } from "./dryRun.ts";
import { startProgress } from "./progress.ts";

export type LibraryImportDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Connects to Postgres and the event store for the time of `work`. */
  readonly withLibrary: <Result>(work: (deps: ImportDeps) => Promise<Result>) => Promise<Result>;
  /** The paths of the demo library. */
  readonly demoFiles: () => Promise<readonly string[]>;
};

type Options = {
  readonly id?: string;
  readonly title?: string;
  readonly author?: string;
  readonly category?: string;
  readonly channel?: CataloguedBook["channel"];
  readonly demo?: true;
  readonly dryRun?: true;
  readonly source?: string;
  readonly mapping?: string;
  readonly json?: true;
};

/** What became of one file. A file that cannot be used does not keep the others from being imported. */
type Outcome = ({ readonly file: string } & ImportResult) | { readonly file: string; readonly error: string };

const examples = `
A second import of the same file writes nothing; a changed one becomes the book's next edition.
A file may say more of its book before its first heading, a line each:
  《书名》  作者：…  简介：…  分类：…  频道：男频|女频|出版  状态：连载|完结

Examples:
  heima library import 红楼梦.txt --author 曹雪芹 --category 古典
  heima library import --json novels/*.txt
  heima library import --dry-run --json downloaded.txt
  heima library import --demo`;

/** Adds `heima library import`. */
export function addLibraryImport(library: Command, deps: LibraryImportDeps): void {
  library
    .command("import")
    .description("import books: TXT novels, EPUB 2 and 3, catalogues and texts in JSON Lines")
    .argument("[file...]", "the files")
    .option(
      "--id <id>",
      "the book's id, 12 characters of a-z and 0-9 (default: a hash of title and author)",
      parseBookId,
    )
    .option("--title <title>", "the title (default: as the file says, else the file's name)")
    .option("--author <author>", "the author (default: as the file says, else 佚名)")
    .option("--category <category>", "the category (default: as the file says, else 其他)")
    .addOption(
      new Option("--channel <channel>", "the channel (default: as the file says, else published)").choices([
        "male",
        "female",
        "published",
      ]),
    )
    .option("--source <name>", "the source of a catalogue in JSON Lines (default: as its books' addresses say: qidian)")
    .option(
      "--mapping <file>",
      "where a catalogue's categories go, as JSON (default: those of the sources that we know)",
    )
    .option("--demo", "import the demo library instead of files")
    .option("--dry-run", "only read the files and print the chapters found; needs no running service and no settings")
    .option("--json", "print what was done as JSON")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], options: Options, command: Command) => {
      if (options.demo === undefined ? files.length === 0 : files.length > 0)
        command.error("error: give files or --demo");
      if (files.length !== 1 && (options.id ?? options.title ?? options.author) !== undefined) {
        command.error("error: --id, --title and --author are for one file");
      }
      const chosen = options.demo ? await deps.demoFiles() : files;
      if (options.dryRun) await dryRun(chosen, options, options.json === true, deps);
      else await importFiles(chosen, options, deps);
    });
}

async function importFiles(files: readonly string[], options: Options, deps: LibraryImportDeps): Promise<void> {
  const outcomes = await deps.withLibrary(async (library) => {
    const done: Outcome[] = [];
    for (const file of files) {
      const outcome = await importFile(file, options, library, deps);
      if (options.json === undefined) deps.stdout.write(`${sentence(outcome)}\n`);
      done.push(outcome);
    }
    return done;
  });
  if (options.json) deps.stdout.write(`${JSON.stringify({ books: outcomes }, null, 2)}\n`);
  const errors = outcomes.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
  if (errors.length > 0) throw new Error(`could not import ${errors.join("\n  and ")}`);
}

async function importFile(
  file: string,
  options: Options,
  library: ImportDeps,
  deps: LibraryImportDeps,
): Promise<Outcome> {
  const { id, title, author, category, channel } = options;
  const progress = startProgress(file, deps.stderr);
  const chosen: ImportOptions = { bookId: id, title, author, category, channel, onProgress: progress.update };
  try {
    return { file, ...(await importBook(library, await readTxt(file), chosen)) };
  } catch (error) {
    if (error instanceof UnusableBookFile) return { file, error: error.message };
    throw error;
  } finally {
    progress.stop();
  }
}

function sentence(outcome: Outcome): string {
  if ("error" in outcome) return `not imported: ${outcome.file}`;
  const { bookId, title, author, chapters, words, events } = outcome;
  const wrote = events.length === 0 ? "already in the library, nothing written" : `wrote ${events.join(", ")}`;
  return `${bookId} 《${title}》 ${author}: ${chapters} chapters, ${words} words; ${wrote}`;
}

function parseBookId(value: string): string {
  const parsed = bookId.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError("It must be 12 characters of a-z and 0-9.");
  return parsed.data;
}
