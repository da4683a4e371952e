import { type CliDependencies, runCli } from "../../src/cli/program.ts";
import { openTerminal } from "../../src/main/terminal.ts";

/** Runs a `heima replay` command as src/main/cli.ts does, with only the given dependencies. */
export async function runAtTerminal(args: readonly string[], given: Partial<CliDependencies>): Promise<void> {
  const { interruption, end } = openTerminal();
  const { stdout, stderr } = process;
  const deps: Partial<CliDependencies> = { stdout, stderr, readModels: [], interruption, ...given };
  await end(await runCli(args, deps as CliDependencies));
}
