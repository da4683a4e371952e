import type { Streamed } from "../../../src/replay/duck/database.ts";
import { runAtTerminal } from "../runAtTerminal.ts";

// `heima replay sql` as src/main/cli.ts runs it, whose answer has the number of rows of the argument. Prints to stderr when it
// begins, and in a `finally`, where a temporary copy of the log would be removed.

const rows = Number(process.argv[2]);

const answer: Streamed = {
  columns: ["row", "fill"],
  types: ["INTEGER", "VARCHAR"],
  chunks: (async function* () {
    for (let row = 0; row < rows; row += 100)
      yield Array.from({ length: Math.min(100, rows - row) }, (_, index) => [row + index, "x".repeat(100)]);
  })(),
};

await runAtTerminal(["replay", "sql", "--format", "csv", "SELECT"], {
  async queryEvents(_asked, print) {
    process.stderr.write("begun\n");
    try {
      await print(answer);
    } finally {
      process.stderr.write("removed\n");
    }
  },
});
