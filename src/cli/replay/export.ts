import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { bookId, readerId } from "../../domain/ids.ts";
import { type ExportFormat, exportFormats, type Manifest } from "../../replay/export/manifest.ts";
import type { ExportOptions } from "../../replay/export/runExport.ts";
import { followExport } from "./exportBar.ts";
import { type Asked, moment } from "./moments.ts";

/** The options of an export; undefined options are taken from `since`, or mean all. */
export type ExportArguments = {
  readonly from: Asked | undefined;
  readonly to: Asked | undefined;
  /** The manifest of the copy that this one continues. */
  readonly since: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly books: readonly string[] | undefined;
  readonly readers: readonly string[] | undefined;
  readonly format: ExportFormat | undefined;
  readonly folder: string;
  readonly by: string | undefined;
  /** Why real reader ids are exported; undefined: pseudonyms are. */
  readonly identitiesReason: string | undefined;
};

export type ReplayExportDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly exportEvents: (asked: ExportArguments, options: ExportOptions) => Promise<Manifest>;
  readonly interruption: () => AbortSignal;
};

type Options = {
  readonly from?: Asked;
  readonly to?: Asked;
  readonly since?: string;
  readonly types?: readonly string[];
  readonly book?: readonly string[];
  readonly reader?: readonly string[];
  readonly format?: ExportFormat;
  readonly out: string;
  readonly by?: string;
  readonly identities?: true;
  readonly reason?: string;
  readonly json?: true;
};

const help = `
FROM and TO are days in China (2026-11-28; TO is inclusive), times (2026-11-28T08:00:00+08:00; TO is exclusive) or positions
(FROM is exclusive, TO inclusive; one beyond the end of the log is its present end), compared with when the store recorded
the event. docs/events.md describes the columns, docs/analysts.md the rest.

Readers are pseudonymised (PSEUDONYM_KEYS), and erased readers left out. --identities exports real ids and requires --by and
--reason, which are stored in the list of copies (heima replay exports). Run the same command again to continue after an
interruption.

Examples:
  heima replay export --out /data/events
  heima replay export --from 2026-11-01 --to 2026-11-30 --types ReadingProgressed,BookFinished --format csv --out november
  heima replay export --since /data/events/manifest.json --out /data/events-2`;

/** Adds `heima replay export`. */
export function addReplayExport(replay: Command, deps: ReplayExportDependencies): void {
  replay
    .command("export")
    .description("copy events into Parquet, CSV or NDJSON files, one row per event")
    .requiredOption("--out <folder>", "the output folder, with one folder per day")
    .option("--from <from>", "the beginning (default: of the log)", moment)
    .option("--to <to>", "the end (default: of the log)", moment)
    .option("--since <manifest>", "continue where that copy ended, with its options")
    .option("--types <types>", "only these event types, comma-separated", list)
    .option("--book <ids>", "only events of these books, comma-separated", ids(bookId, "book"))
    .option("--reader <ids>", "only events of these readers, comma-separated", ids(readerId, "reader"))
    .addOption(new Option("--format <format>", "the file format (default: parquet)").choices(exportFormats))
    .option("--by <name>", "who makes the copy, for the list of copies (default: the system user)", name)
    .option("--identities", "export real reader ids and what readers typed")
    .option("--reason <text>", "why real reader ids are needed", name)
    .option("--json", "print the manifest")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      requireTogether(options);
      const bar = followExport(deps.stderr);
      const began = performance.now();
      let manifest: Manifest;
      try {
        manifest = await deps.exportEvents(askedOf(options), {
          onProgress: bar.show,
          onSearchProgress: bar.look,
          signal: deps.interruption(),
        });
      } finally {
        bar.stop();
      }
      deps.stdout.write(
        options.json
          ? `${JSON.stringify(manifest, null, 2)}\n`
          : summary(manifest, options.out, performance.now() - began),
      );
    });
}

function askedOf(options: Options): ExportArguments {
  const { from, to, since, types, book, reader, format, out, by, reason } = options;
  return {
    from,
    to,
    since,
    types,
    books: book,
    readers: reader,
    format,
    folder: resolve(out),
    by,
    identitiesReason: options.identities ? reason : undefined,
  };
}

function requireTogether({ since, from, identities, by, reason }: Options): void {
  if (since !== undefined && from !== undefined) throw new Error("--since and --from exclude each other");
  if (identities && (by === undefined || reason === undefined)) throw new Error("--identities needs --by and --reason");
  if (!identities && reason !== undefined) throw new Error("--reason is only for --identities");
}

function summary({ events, files, range, erased, unreadable, exportId }: Manifest, folder: string, ms: number): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const rate = Math.round((events * 1_000) / Math.max(1, ms));
  return [
    `${events} events in ${files.length} files (${(bytes / 2 ** 20).toFixed(1)} MiB) in ${folder}, ${rate}/s`,
    `positions ${range.after ?? "from the beginning"} to ${range.upTo}; export ${exportId}`,
    ...(erased.events > 0 ? [`${erased.events} events of erased readers were left out`] : []),
    ...(unreadable > 0 ? [`${unreadable} events do not match their schema and were left out`] : []),
    "",
  ].join("\n");
}

function list(text: string): readonly string[] {
  const items = [...new Set(text.split(",").map((item) => item.trim()))].filter((item) => item !== "").sort();
  if (items.length === 0) throw new InvalidArgumentError("It must have at least one item.");
  return items;
}

function ids(schema: typeof bookId | typeof readerId, noun: string) {
  return (text: string) =>
    list(text).map((id) => {
      const parsed = schema.safeParse(id);
      if (!parsed.success) throw new InvalidArgumentError(`${id} is no ${noun}'s id.`);
      return parsed.data;
    });
}

function name(value: string): string {
  if (value.trim().length === 0 || value.length > 200)
    throw new InvalidArgumentError("It must have 1 to 200 characters.");
  return value;
}
