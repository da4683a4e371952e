import { resolve } from "node:path";
import type { Command } from "commander";
import { jsonOf } from "../../replay/run/json.ts";
import type { Ran, RunArguments, RunOptions } from "../../replay/run/runFile.ts";
import { print } from "../print.ts";
import { startFillBar } from "../projections/fillBar.ts";
import { showSearchProgress } from "./exportBar.ts";
import { type Asked, moment } from "./moments.ts";

export type ReplayRunDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly runReducer: (asked: RunArguments, options: RunOptions) => Promise<Ran>;
  readonly interruption: () => AbortSignal;
};

type Options = { readonly from?: Asked; readonly to?: Asked; readonly resume?: string; readonly save?: string };

const help = `
FILE exports initial and evolve(state, event), and optionally key, filter and result; heima replay new creates a starting
point. TypeScript (not compiled) or JavaScript. The result is printed as JSON; with key, one line per key. Erased readers
are left out.

FROM and TO are days in China (2026-11-28; TO is inclusive), times (2026-11-28T08:00:00+08:00; TO is exclusive) or positions
(FROM is exclusive, TO inclusive; one beyond the end of the log is its present end), compared with when the store recorded
the event. --save stores the states, also after Ctrl-C, which prints no result; --resume continues from them, with the same
FILE only. Code that never returns does not let Ctrl-C be heard: Ctrl-\\ ends the process, and nothing is saved.

Examples:
  heima replay run examples/replay/topBooks.ts
  heima replay run topBooks.ts --from 2026-11-01 --to 2026-11-30 --save top.snapshot
  heima replay run topBooks.ts --resume top.snapshot --save top.snapshot`;

/** Adds `heima replay run`. */
export function addReplayRun(replay: Command, deps: ReplayRunDependencies): void {
  replay
    .command("run")
    .description("fold the log with your own reducer")
    .argument("<file>", "the reducer")
    .option("--from <from>", "the beginning (default: of the log)", moment)
    .option("--to <to>", "the end (default: of the log)", moment)
    .option("--resume <file>", "continue from these states")
    .option("--save <file>", "save the states to this file")
    .addHelpText("after", help)
    .action(async (file: string, { from, to, resume, save }: Options, command: Command) => {
      if (resume !== undefined && from !== undefined)
        command.error("error: --resume and --from exclude each other", { exitCode: 2 });
      const path = (name: string | undefined) => (name === undefined ? undefined : resolve(name));
      const bar = startFillBar("replay", deps.stderr);
      const begun = performance.now();
      const ran = await deps
        .runReducer(
          { file: resolve(file), from, to, resume: path(resume), save: path(save) },
          {
            onProgress: ({ events, position, after, upTo }) =>
              bar.fill({ events, position: position - after, head: upTo - after, at: new Date() }),
            onSearchProgress: showSearchProgress(bar),
            signal: deps.interruption(),
          },
        )
        .finally(() => bar.stop());
      const seconds = (performance.now() - begun) / 1_000;
      for (const warning of ran.warnings) deps.stderr.write(`heima: ${warning}\n`);
      for (const { key, result } of ran.results)
        await print(deps.stdout, `${ran.isKeyed ? jsonOf({ key, result }) : jsonOf(result, 2)}\n`);
      const rate = Math.round(ran.events / Math.max(seconds, 0.001));
      deps.stderr.write(`${ran.events} events, ${ran.folded} folded, in ${seconds.toFixed(1)} s (${rate}/s)\n`);
      if (ran.interrupted !== undefined) throw new Error(ran.interrupted);
    });
}
