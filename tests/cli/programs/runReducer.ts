import type { Ran } from "../../../src/replay/run/runFile.ts";
import { runAtTerminal } from "../runAtTerminal.ts";

// `heima replay run` as src/main/cli.ts runs it, with the number of results of the argument. Prints to stderr when it has them.

const results = Number(process.argv[2]);

const ran: Ran = {
  events: results,
  folded: results,
  isKeyed: true,
  warnings: [],
  results: Array.from({ length: results }, (_, key) => ({ key: `${key}`, result: "x".repeat(100) })),
};

await runAtTerminal(["replay", "run", "reducer.ts"], {
  async runReducer() {
    process.stderr.write("run\n");
    return ran;
  },
});
