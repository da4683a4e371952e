import { type Command, InvalidArgumentError } from "commander";
import type { ScavengeOptions, ScavengeReport } from "../commands/operations/runScavenge.ts";
import { giveUpAfter } from "./giveUp.ts";
import { type Progress, startProgress } from "./progress.ts";
import { createScavengeSteps } from "./scavengeSteps.ts";

export type ScavengeCliDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly scavenge: (options: ScavengeOptions) => Promise<ScavengeReport>;
  /** Aborted when the user interrupts the command. */
  readonly interruption: () => AbortSignal;
};

const help = `
Removes the events of deleted streams from disk. First a marker is written to the log, and every partition of every build
must pass it, including builds of other releases; no build may be filling meanwhile. Afterwards no checkpoint can refer to a
removed event. Erasures wait until the end of the scavenge is recorded. Ctrl-C and --timeout abort. If the event
store has not started yet, nothing has changed; otherwise its scavenge continues, and erasures wait until heima scavenge
--force has ended.

It needs every store with a build: Postgres and Elasticsearch. If one does not answer, nothing begins.

The exit code is 1 if a store does not answer, if the scavenge was aborted, if another one has begun and not ended, or if the
event store's scavenge failed.

Examples:
  heima scavenge
  heima scavenge --timeout 600 --json`;

/** Adds `heima scavenge`. */
export function addScavenge(heima: Command, deps: ScavengeCliDependencies): void {
  heima
    .command("scavenge")
    .description("remove deleted events from the event store's disk, once no read model needs them")
    .option("--timeout <seconds>", "abort after this many seconds (default: never)", seconds)
    .option("--by <name>", "who runs it, for the event", operator, "heima scavenge")
    .option("--force", "start although another scavenge has not ended, because its process has died")
    .option("--json", "print the result as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async (options: { timeout?: number; by: string; force?: true; json?: true }) => {
      const began = performance.now();
      const giveUp = giveUpAfter(deps.interruption(), options.timeout);
      const shown = showProgress(deps.stderr);
      let report: ScavengeReport;
      try {
        report = await deps.scavenge({
          begunBy: options.by,
          force: options.force === true,
          giveUp: giveUp.signal,
          onProgress: shown.update,
        });
      } finally {
        giveUp.forget();
        shown.stop();
      }
      const took = Number(((performance.now() - began) / 1_000).toFixed(1));
      const { marker, scavengeId, result } = report;
      deps.stdout.write(
        options.json
          ? `${JSON.stringify({ marker: `${marker}`, scavengeId, result, seconds: took }, null, 2)}\n`
          : `Scavenged in ${took} s (${scavengeId}); the marker is at ${marker}.\n`,
      );
    });
}

function showProgress(stderr: ScavengeCliDependencies["stderr"]) {
  let waiting: Progress | undefined;
  const stop = () => {
    waiting?.stop();
    waiting = undefined;
  };
  const step = createScavengeSteps((line) => {
    stop();
    stderr.write(`${line}\n`);
  });
  const update: ScavengeOptions["onProgress"] = (progress) => {
    step(progress);
    // Without builds there is nothing to wait for.
    if (progress.doing !== "waiting" || progress.partitions === 0) return;
    waiting ??= startProgress("partitions past the marker", stderr);
    waiting.update(progress.passed, progress.partitions);
  };
  return { update, stop };
}

function seconds(value: string): number {
  const parsed = Number(value);
  if (!(parsed > 0 && parsed <= 1_000_000)) throw new InvalidArgumentError("It must be a number of seconds.");
  return parsed;
}

function operator(value: string): string {
  if (value.length === 0 || value.length > 200) throw new InvalidArgumentError("It must have 1 to 200 characters.");
  return value;
}
