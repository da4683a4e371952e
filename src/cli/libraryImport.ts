import { type Command, InvalidArgumentError, Option } from "commander";
import { type CataloguedBook, channel } from "../domain/library/events.ts";
import { isOneLine, isVisible } from "../domain/visibleText.ts";
import { readMapping } from "../library-import/jsonl/categories.ts";
import { maxLengths } from "../library-import/limits.ts";
import { dryRun } from "./dryRun.ts";
import { filesOf } from "./filesOf.ts";
import { type ImportFilesDeps, importFiles } from "./importFiles.ts";
import { parseBookId } from "./libraryBooks.ts";

export type LibraryImportDeps = ImportFilesDeps & {
  /** The paths of the demo library. */
  readonly demoFiles: () => Promise<readonly string[]>;
};

type Options = {
  readonly id?: string;
  readonly title?: string;
  readonly author?: string;
  readonly category?: string;
  readonly channel?: CataloguedBook["channel"];
  readonly source?: string;
  readonly mapping?: string;
  readonly demo?: true;
  readonly dryRun?: true;
  readonly show?: true;
  readonly force?: true;
  readonly replace?: true;
  readonly json?: true;
};

const examples = `
What a file is, its contents say: a TXT novel (UTF-8, GB18030, UTF-16, Big5), an EPUB, or JSON Lines with a catalogue or with
chapters. A second import of the same file writes nothing; of a changed one what has changed becomes the book's next
edition, which appears at once. An import that was broken off goes on where it stopped when it is run again. A folder stands for
the files in it. For each file the report says by which rule it was cut and what speaks for it, how much of its text is in the
book, and what a person should look at. Below 90 % an import is refused, and so is one that would replace another book; of a
file of many books only that book is. A line of JSON that cannot be used is left out and named. Files are read in a process of
its own, with a limit of its memory and its time: a hostile one fails alone.
A TXT may say more of its book before its first heading, a line each:
  《书名》  作者：…  简介：…  分类：…  频道：男频|女频|出版  状态：连载|完结

Examples:
  heima library import 红楼梦.txt --author 曹雪芹 --category 古典
  heima library import --json novels/*.txt novels/*.epub
  heima library import qidian/books.jsonl --source qidian --mapping categories.json
  heima library import --dry-run --json downloaded.txt
  heima library import --show novels/
  heima library import 雪夜书.txt --id x7k2m9q4w1e3
  heima library import --demo`;

/** Adds `heima library import`. */
export function addLibraryImport(library: Command, deps: LibraryImportDeps): void {
  library
    .command("import")
    .description("import books: TXT novels, EPUB 2 and 3, catalogues and texts in JSON Lines")
    .argument("[file...]", "the files, or folders with files")
    .option(
      "--id <id>",
      "the book's id, 12 characters of a-z and 0-9 (default: a hash of title and author)",
      parseBookId,
    )
    .option("--title <title>", "the title (default: as the file says, else the file's name)", atMost(maxLengths.title))
    .option("--author <author>", "the author (default: as the file says, else 佚名)", atMost(maxLengths.author))
    .option("--category <category>", "the category (default: as the file says, else 其他)", atMost(maxLengths.category))
    .addOption(
      new Option("--channel <channel>", "the channel (default: as the file says, else published)").choices(
        channel.options,
      ),
    )
    .option(
      "--source <name>",
      "the source of a catalogue in JSON Lines (default: as its books' addresses say: qidian)",
      atMost(maxLengths.sourceId),
    )
    .option(
      "--mapping <file>",
      "where a catalogue's categories go, as JSON (default: those of the sources that we know)",
    )
    .option("--demo", "import the demo library instead of files")
    .option("--dry-run", "only read the files and print the chapters found; needs no running service and no settings")
    .option("--show", "print the chapters that were found, with their lengths")
    .option("--force", "import a file although much of its text is not in the book")
    .option("--replace", "import although most chapters of the book that is there would be replaced")
    .option("--json", "print what was done as JSON")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], options: Options, command: Command) => {
      if (options.demo === undefined ? files.length === 0 : files.length > 0)
        command.error("error: give files or --demo");
      const chosen = options.demo ? await deps.demoFiles() : await filesOf(files);
      if (chosen.length !== 1 && (options.id ?? options.title ?? options.author) !== undefined) {
        command.error("error: --id, --title and --author are for one file");
      }
      const mapping = options.mapping === undefined ? undefined : await readMapping(options.mapping);
      const reading = { source: options.source, mapping };
      if (options.dryRun) await dryRun(chosen, options, reading, options.json === true, deps);
      else await importFiles(chosen, options, reading, deps);
    });
}

function atMost(maxLength: number): (value: string) => string {
  return (value) => {
    const length = [...value].length;
    if (length === 0 || length > maxLength)
      throw new InvalidArgumentError(`It must have 1 to ${maxLength} characters.`);
    if (!isVisible(value) || !isOneLine(value))
      throw new InvalidArgumentError("It must be one line, of which something can be seen.");
    return value;
  };
}
