import { type CliDeps, runCli } from "../../../src/cli/program.ts";
import type { Ran } from "../../../src/cli/replay/run.ts";
import { openTerminal } from "../../../src/main/terminal.ts";

// `heima replay run` as src/main/cli.ts runs it, with as many results as the argument says. Prints to stderr when it has them.

const results = Number(process.argv[2]);

const ran: Ran = {
  events: results,
  folded: results,
  isKeyed: true,
  warnings: [],
  results: Array.from({ length: results }, (_, key) => ({ key: `${key}`, result: "x".repeat(100) })),
};

const terminal = openTerminal();
const deps: Pick<CliDeps, "stdout" | "stderr" | "readModels" | "interruption" | "runReducer"> = {
  stdout: process.stdout,
  stderr: process.stderr,
  readModels: [],
  interruption: terminal.interruption,
  async runReducer() {
    process.stderr.write("run\n");
    return ran;
  },
};
await terminal.end(await runCli(["replay", "run", "reducer.ts"], deps as CliDeps));
