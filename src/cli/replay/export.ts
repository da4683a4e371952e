import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { bookId, readerId } from "../../domain/ids.ts";
import { type ExportFormat, exportFormats, type Manifest } from "../../replay/export/manifest.ts";
import type { ExportOptions } from "../../replay/export/runExport.ts";
import { followExport } from "./exportBar.ts";
import { type Asked, moment } from "./moments.ts";

/** What the command line asks for; what is undefined `since` says, or is all. */
export type AskedExport = {
  readonly from: Asked | undefined;
  readonly to: Asked | undefined;
  /** The manifest of the copy after which this one begins. */
  readonly since: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly books: readonly string[] | undefined;
  readonly readers: readonly string[] | undefined;
  readonly format: ExportFormat | undefined;
  readonly folder: string;
  readonly by: string | undefined;
  /** Why readers are to be named; undefined: they are not. */
  readonly identitiesReason: string | undefined;
};

export type ReplayExportDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly exportEvents: (asked: AskedExport, options: ExportOptions) => Promise<Manifest>;
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
FROM and TO are days of China (2026-11-28; TO includes its day), times (2026-11-28T08:00:00+08:00; TO excludes it) or positions
(FROM excludes it, TO includes it): when the store recorded the event. docs/events.md explains the columns, docs/analysts.md the rest.

Readers are pseudonyms (PSEUDONYM_KEYS) and erased ones are absent. --identities names readers and takes --by and --reason; both
are kept in the list of copies (heima replay exports). Run the same command again to go on after an interruption.

Examples:
  heima replay export --out /data/events
  heima replay export --from 2026-11-01 --to 2026-11-30 --types ReadingProgressed,BookFinished --format csv --out november
  heima replay export --since /data/events/manifest.json --out /data/events-2`;

/** Adds `heima replay export`. */
export function addReplayExport(replay: Command, deps: ReplayExportDeps): void {
  replay
    .command("export")
    .description("copy events into Parquet, CSV or NDJSON files, one row an event")
    .requiredOption("--out <folder>", "where the files go, one folder a day")
    .option("--from <from>", "the beginning (default: of the log)", moment)
    .option("--to <to>", "the end (default: of the log)", moment)
    .option("--since <manifest>", "begin where that copy ended, with what it asked for")
    .option("--types <types>", "only these types of events, joined by commas", list)
    .option("--book <ids>", "only events of these books, joined by commas", ids(bookId, "book"))
    .option("--reader <ids>", "only events of these readers, joined by commas", ids(readerId, "reader"))
    .addOption(new Option("--format <format>", "of the files (default: parquet)").choices(exportFormats))
    .option("--by <name>", "who does it, for the list of copies (default: the system's user)", name)
    .option("--identities", "name readers and keep what they typed")
    .option("--reason <text>", "why readers must be named", name)
    .option("--json", "print the manifest")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      requireTogether(options);
      const bar = followExport(deps.stderr);
      const began = performance.now();
      let manifest: Manifest;
      try {
        manifest = await deps.exportEvents(askedOf(options), { onProgress: bar.show, signal: deps.interruption() });
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

function askedOf(options: Options): AskedExport {
  const { from, to, since, types, book, reader, format, out, by, reason } = options;
  return {
    ...{ from, to, since, types, books: book, readers: reader, format, folder: resolve(out), by },
    identitiesReason: options.identities ? reason : undefined,
  };
}

function requireTogether({ since, from, identities, by, reason }: Options): void {
  if (since !== undefined && from !== undefined) throw new Error("--since says where to begin: leave --from out");
  if (identities && (by === undefined || reason === undefined))
    throw new Error("--identities needs --by and --reason: who must know whom, and why");
  if (!identities && reason !== undefined) throw new Error("--reason is for --identities");
}

function summary({ events, files, range, erased, exportId }: Manifest, folder: string, ms: number): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const rate = Math.round((events * 1_000) / Math.max(1, ms));
  return [
    `${events} events in ${files.length} files (${(bytes / 2 ** 20).toFixed(1)} MiB) in ${folder}, ${rate}/s`,
    `positions ${range.after ?? "from the beginning"} to ${range.upTo}; export ${exportId}`,
    ...(erased.events > 0 ? [`${erased.events} events of erased readers were left out`] : []),
    "",
  ].join("\n");
}

function list(text: string): readonly string[] {
  const items = [...new Set(text.split(",").map((item) => item.trim()))].filter((item) => item !== "").sort();
  if (items.length === 0) throw new InvalidArgumentError("It must name one at least.");
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
