import { type Command, InvalidArgumentError, Option } from "commander";
import { type CataloguedBook, channel } from "../domain/library/events.ts";
import { isOneLine, isVisible } from "../domain/visibleText.ts";
import { readMapping } from "../library-import/jsonl/categories.ts";
import { maxLengths } from "../library-import/limits.ts";
import { dryRun } from "./dryRun.ts";
import { filesOf } from "./filesOf.ts";
import { type ImportFilesDependencies, importFiles } from "./importFiles.ts";
import { parseBookId } from "./libraryBooks.ts";

export type LibraryImportDependencies = ImportFilesDependencies & {
  /** The paths of the demo library's files. */
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
The format is detected from the content: a TXT novel (UTF-8, GB18030, UTF-16, Big5), an EPUB, or JSON Lines with a
catalogue or with chapters. Importing the same file again writes nothing, unless a later release reads it differently;
the changes of a changed file are published as the book's next edition, in one step, and fields that neither the file
nor an option states (title, category, cover, introduction) stay as they are: title and author from the file's name,
and the target * of a mapping, are for new books only. Run an interrupted import again to continue it. For a folder,
the files in it are imported. For each file the report shows the rule by which chapters were recognised and the
evidence for it, how much of the text was kept, and what to check.
An import that keeps less than 90 % of a file's text, or that would replace a different book, is refused; in a file
with several books only that book is refused. Unusable JSON lines are skipped and reported. Files are read in a
separate process with limited memory and processor time, so that a hostile file fails alone; if the machine
interrupts the reading of a file, the report says to import it again.
A TXT file may describe its book before the first heading, one line each:
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
export function addLibraryImport(library: Command, deps: LibraryImportDependencies): void {
  library
    .command("import")
    .description("import books: TXT novels, EPUB 2 and 3, catalogues and texts in JSON Lines")
    .argument("[file...]", "the files, or folders with files")
    .option(
      "--id <id>",
      "the book's id, 12 characters of a-z and 0-9 (default: a hash of title and author)",
      parseBookId,
    )
    .option("--title <title>", "the title (default: from the file, else the file's name)", atMost(maxLengths.title))
    .option("--author <author>", "the author (default: from the file, else 佚名)", atMost(maxLengths.author))
    .option("--category <category>", "the category (default: from the file, else 其他)", atMost(maxLengths.category))
    .addOption(
      new Option("--channel <channel>", "the channel (default: from the file, else published)").choices(
        channel.options,
      ),
    )
    .option(
      "--source <name>",
      "the source of a catalogue in JSON Lines (default: derived from its books' URLs: qidian)",
      atMost(maxLengths.sourceId),
    )
    .option("--mapping <file>", "a JSON file that maps a catalogue's categories (default: built in for known sources)")
    .option("--demo", "import the demo library instead of files")
    .option("--dry-run", "read the files and print the chapters found; needs no services and no settings")
    .option("--show", "print the chapters found, with their lengths")
    .option("--force", "import a file even if much of its text was not kept")
    .option("--replace", "import even if most chapters of the existing book would be replaced")
    .option("--json", "print the result as JSON")
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
      throw new InvalidArgumentError("It must be one line with a visible character.");
    return value;
  };
}
