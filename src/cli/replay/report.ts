import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { parseMoment } from "../../replay/range.ts";
import { print } from "../print.ts";
import { type CopiesOptions, warnOn } from "./copiesOptions.ts";
import { followExport } from "./exportBar.ts";
import { foldersOption } from "./folders.ts";

/** Days in China, inclusive; undefined: the first and last day with reading. */
export type ReportArguments = {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly folders: readonly string[];
  readonly out: string;
};

export type ReplayReportDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Writes the file, or prints it if that is the standard output; resolves with its size in bytes. */
  readonly reportEvents: (
    asked: ReportArguments,
    print: (page: string) => Promise<void>,
    options: CopiesOptions,
  ) => Promise<number>;
  readonly interruption: () => AbortSignal;
};

type Options = {
  readonly from?: string;
  readonly to?: string;
  readonly export?: readonly string[];
  readonly out: string;
};

const help = `
One self-contained HTML file with charts, for example to send by mail: works offline, on phones and in print, in Chinese and
English. It covers what was read in the period, including what arrived later. Weekly retention has the readers who began in
the period, and their later weeks: with --export give copies from the beginning of the log. Without --export the log is first
copied into a temporary folder. --out /dev/stdout prints the page.

Examples:
  heima replay report --from 2026-11-01 --to 2026-11-30 --out november.html
  heima replay report --export /data/events --out all.html`;

/** Adds `heima replay report`. */
export function addReplayReport(replay: Command, deps: ReplayReportDependencies): void {
  replay
    .command("report")
    .description("write a report about a period as one HTML file")
    .requiredOption("--out <file>", "the HTML file")
    .option("--from <day>", "the first day, in China (default: the first with reading)", day)
    .option("--to <day>", "the last day (default: the last with reading)", day)
    .addOption(foldersOption("the folder of a copy"))
    .addHelpText("after", help)
    .action(async ({ from, to, export: folders = [], out }: Options) => {
      if (from !== undefined && to !== undefined && to < from) throw new Error("--to is before --from");
      const bar = followExport(deps.stderr);
      const asked = { from, to, folders, out: resolve(out) };
      // Messages about the page are not part of it.
      let told = deps.stdout;
      const printPage = (page: string) => {
        bar.stop();
        told = deps.stderr;
        return print(deps.stdout, page);
      };
      const bytes = await deps
        .reportEvents(asked, printPage, {
          onProgress: bar.show,
          onSearchProgress: bar.look,
          signal: deps.interruption(),
          onWarning: warnOn(deps.stderr),
        })
        .finally(() => bar.stop());
      told.write(`${out}: ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
    });
}

function day(text: string): string {
  const parsed = parseMoment(text);
  if (parsed?.kind !== "day") throw new InvalidArgumentError("It must be a day, as 2026-11-28.");
  return parsed.day;
}
