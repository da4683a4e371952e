import { runAtTerminal } from "../runAtTerminal.ts";

// `heima replay run` as src/main/cli.ts runs it, with a reducer that has a function that never returns.

await runAtTerminal(["replay", "run", "reducer.ts"], {
  async runReducer() {
    process.stderr.write("run\n");
    for (;;);
  },
});
