import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { Streamed } from "../../replay/duck/database.ts";
import { type CopiesOptions, warnOn } from "./copiesOptions.ts";
import { followExport } from "./exportBar.ts";
import { foldersOption } from "./folders.ts";
import { type Asked, moment } from "./moments.ts";
import { printRows, type RowFormat, rowFormats } from "./printRows.ts";

export type SqlArguments = {
  /** Undefined: no query, only create the database. */
  readonly sql: string | undefined;
  /** Folders of copies; if empty, the log is copied first. */
  readonly folders: readonly string[];
  /** A DuckDB file in which to store the events. */
  readonly into: string | undefined;
  /** The range of the copy that is made first. */
  readonly from: Asked | undefined;
  readonly to: Asked | undefined;
};

export type ReplaySqlDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly queryEvents: (
    asked: SqlArguments,
    print: (answer: Streamed) => Promise<void>,
    options: CopiesOptions,
  ) => Promise<void>;
  readonly interruption: () => AbortSignal;
};

type Options = {
  readonly export?: readonly string[];
  readonly into?: string;
  readonly from?: Asked;
  readonly to?: Asked;
  readonly format: RowFormat;
};

const help = `
The table events has the columns described in docs/events.md. docs/analysts.md describes the predefined views: repeats,
readings, sessions, daily_readers, weekly_readers, monthly_readers, chapter_funnel, retention, completion, time_per_book,
time_per_channel, search_conversion, heat_map, device_mix, books_together. Without --export the log is first copied into a
temporary folder (--from and --to as in heima replay export). --into stores the events in a DuckDB file, which DuckDB and
--export can open.

Examples:
  heima replay sql --export /data/events 'SELECT * FROM daily_readers ORDER BY day'
  heima replay sql --into events.duckdb
  heima replay sql --export events.duckdb --format csv 'SELECT * FROM heat_map'`;

/** Adds `heima replay sql`. */
export function addReplaySql(replay: Command, deps: ReplaySqlDependencies): void {
  replay
    .command("sql")
    .description("query copies of events with SQL (DuckDB)")
    .argument("[sql]", "a query")
    .addOption(foldersOption("the folder of a copy, or a file created by --into"))
    .option("--into <file>", "store the events in a DuckDB file, replacing an existing one")
    .option("--from <from>", "without --export: from when", moment)
    .option("--to <to>", "without --export: until when", moment)
    .addOption(new Option("--format <format>", "the output format").choices(rowFormats).default("table"))
    .addHelpText("after", help)
    .action(async (sql: string | undefined, options: Options) => {
      const { into, from, to, format, export: folders = [] } = options;
      if (sql === undefined && into === undefined) throw new Error("give a query, or --into a file");
      if (folders.length > 0 && (from !== undefined || to !== undefined))
        throw new Error("--from and --to do not apply to --export: use WHERE");
      const bar = followExport(deps.stderr);
      const asked = { sql, folders, into: into === undefined ? undefined : resolve(into), from, to };
      const signal = deps.interruption();
      const print = async (answer: Streamed) => {
        bar.stop();
        await printRows(answer, format, deps.stdout, signal);
      };
      await deps
        .queryEvents(asked, print, {
          onProgress: bar.show,
          onSearchProgress: bar.look,
          signal,
          onWarning: warnOn(deps.stderr),
        })
        .finally(() => bar.stop());
      if (sql === undefined) deps.stdout.write(`the events are in ${into}\n`);
    });
}
