import { type CliDeps, runCli } from "../../../src/cli/program.ts";
import { openTerminal } from "../../../src/main/terminal.ts";
import type { Streamed } from "../../../src/replay/duck/database.ts";

// `heima replay sql` as src/main/cli.ts runs it, whose answer is as many rows as the argument says. Prints to stderr when it begins,
// and in a `finally`, where a temporary copy of the log would be removed.

const rows = Number(process.argv[2]);

const answer: Streamed = {
  columns: ["row", "fill"],
  chunks: (async function* () {
    for (let row = 0; row < rows; row += 100)
      yield Array.from({ length: Math.min(100, rows - row) }, (_, index) => [row + index, "x".repeat(100)]);
  })(),
};

const terminal = openTerminal();
const deps: Pick<CliDeps, "stdout" | "stderr" | "readModels" | "interruption" | "queryEvents"> = {
  stdout: process.stdout,
  stderr: process.stderr,
  readModels: [],
  interruption: terminal.interruption,
  async queryEvents(_asked, print) {
    process.stderr.write("begun\n");
    try {
      await print(answer);
    } finally {
      process.stderr.write("removed\n");
    }
  },
};
await terminal.end(await runCli(["replay", "sql", "--format", "csv", "SELECT"], deps as CliDeps));
