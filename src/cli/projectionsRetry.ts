import type { Command } from "commander";
import type { Retried } from "../projections/engine/parked/retry.ts";
import { readModelArgument } from "./projectionsParked.ts";
import { oneLine } from "./table.ts";

export type ProjectionsRetryDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** Applies the parked events of a key, or of all keys, in every build; empty if nothing is parked. */
  readonly retryParked: (readModel: string, key: string | undefined) => Promise<readonly Retried[]>;
};

type Options = { readonly key?: string; readonly all?: true; readonly json?: true };

const help = `
Applies the parked events in order, in every build that parks the key, up to the first one that is still refused; that one
and the later ones stay parked. The exit code is 1 if any event stays parked, or if nothing is parked under the key. May be
repeated. The handlers of this release are used: run it from the release with the fix.

Examples:
  heima projections retry shelf --key 01890a5d-ac96-774b-bcce-b302099a8057
  heima projections retry library --all`;

/** Adds `heima projections retry`. */
export function addProjectionsRetry(projections: Command, deps: ProjectionsRetryDependencies): void {
  projections
    .command("retry")
    .description("retry parked events, after their cause was fixed")
    .addArgument(readModelArgument("<name>"))
    .option("--key <key>", "the key, as `heima projections parked` shows it")
    .option("--all", "every parked key of the read model")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (name: string, { key, all, json }: Options, command: Command) => {
      if ((key === undefined) === (all === undefined)) command.error("error: give either --key or --all");
      const retried = await deps.retryParked(name, key);
      if (json) deps.stdout.write(`${JSON.stringify({ retried }, null, 2)}\n`);
      else for (const result of retried) deps.stdout.write(`${retriedLine(result)}\n`);
      if (retried.length === 0 && key !== undefined) throw new Error(`nothing is parked under this key in ${name}`);
      if (retried.length === 0 && !json) deps.stdout.write(`nothing is parked in ${name}\n`);
      const left = retried.filter((result) => result.left > 0).length;
      if (left > 0) throw new Error(`${left} of ${retried.length} keys stay parked`);
    });
}

/** The result for one key, in one line. */
function retriedLine({ build, partition, key, folded, skipped, left, error }: Retried): string {
  const without = skipped === 0 ? "" : `, ${skipped} left out`;
  const rest = left === 0 ? "nothing stays parked" : `${left} stay parked: ${oneLine(error ?? "")}`;
  return `${build}, partition ${partition}, ${oneLine(key)}: ${folded} folded${without}; ${rest}`;
}
