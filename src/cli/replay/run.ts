import { resolve } from "node:path";
import type { Command } from "commander";
import { jsonOf } from "../../replay/run/json.ts";
import type { Run, RunProgress } from "../../replay/run/runReducer.ts";
import { startFillBar } from "../projections/fillBar.ts";
import { type Asked, moment } from "./moments.ts";

/** What the command line asks for. Files are absolute paths. */
export type AskedRun = {
  readonly file: string;
  readonly from: Asked | undefined;
  readonly to: Asked | undefined;
  readonly resume: string | undefined;
  readonly save: string | undefined;
};

export type RunOptions = {
  readonly onProgress: (progress: RunProgress & { readonly after: bigint; readonly upTo: bigint }) => void;
  readonly signal: AbortSignal;
};

/** A run, what is to be printed of it, and what whoever reads that must know. */
export type Ran = Pick<Run, "events" | "folded"> & {
  readonly results: Iterable<{ readonly key: string; readonly result: unknown }>;
  readonly isKeyed: boolean;
  readonly warnings: readonly string[];
};

export type ReplayRunDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly runReducer: (asked: AskedRun, options: RunOptions) => Promise<Ran>;
  readonly interruption: () => AbortSignal;
};

type Options = { readonly from?: Asked; readonly to?: Asked; readonly resume?: string; readonly save?: string };

const help = `
FILE exports initial and evolve(state, event), and may export key, filter and result; heima replay new writes one to start from.
It is TypeScript as it stands, or JavaScript. The result is printed as JSON; with key, one line a key. Erased readers are left out.

FROM and TO are days of China (2026-11-28; TO includes its day), times (2026-11-28T08:00:00+08:00; TO excludes it) or positions
(FROM excludes it, TO includes it): when the store recorded the event. --save keeps the states, also after Ctrl-C, and --resume
goes on from them: of the same FILE only.

Examples:
  heima replay run examples/replay/topBooks.ts
  heima replay run topBooks.ts --from 2026-11-01 --to 2026-11-30 --save top.snapshot
  heima replay run topBooks.ts --resume top.snapshot --save top.snapshot`;

/** Adds `heima replay run`. */
export function addReplayRun(replay: Command, deps: ReplayRunDeps): void {
  replay
    .command("run")
    .description("fold the log with a reducer of your own")
    .argument("<file>", "the reducer")
    .option("--from <from>", "the beginning (default: of the log)", moment)
    .option("--to <to>", "the end (default: of the log)", moment)
    .option("--resume <file>", "go on from these states")
    .option("--save <file>", "keep the states in this file")
    .addHelpText("after", help)
    .action(async (file: string, { from, to, resume, save }: Options, command: Command) => {
      if (resume !== undefined && from !== undefined)
        command.error("error: --resume says where to begin: leave --from out", { exitCode: 2 });
      const path = (name: string | undefined) => (name === undefined ? undefined : resolve(name));
      const bar = startFillBar("replay", deps.stderr);
      const begun = performance.now();
      const ran = await deps
        .runReducer(
          { file: resolve(file), from, to, resume: path(resume), save: path(save) },
          {
            onProgress: ({ events, position, after, upTo }) =>
              bar.fill({ events, position: position - after, head: upTo - after, at: new Date() }),
            signal: deps.interruption(),
          },
        )
        .finally(() => bar.stop());
      const seconds = (performance.now() - begun) / 1_000;
      for (const warning of ran.warnings) deps.stderr.write(`heima: ${warning}\n`);
      for (const { key, result } of ran.results)
        deps.stdout.write(`${ran.isKeyed ? jsonOf({ key, result }) : jsonOf(result, 2)}\n`);
      const rate = Math.round(ran.events / Math.max(seconds, 0.001));
      deps.stderr.write(`${ran.events} events, ${ran.folded} folded, in ${seconds.toFixed(1)} s (${rate}/s)\n`);
    });
}
