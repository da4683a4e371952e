import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const files = readdirSync("tests", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `tests/${name}`);

/** What a test file has that starts servers or processes, or changes the process that it runs in. */
const needsItsOwnProcess =
  /support\/(database|eventStore|redis|elasticsearch|processes|wechat)|embedded\/|child_process|vi\.(mock|useFake|stub|spyOn)|process\.(env|on|exit)|inject\(/;

const own = files.filter((file) => needsItsOwnProcess.test(readFileSync(file, "utf8")));
const shared = files.filter((file) => !own.includes(file));

const common = {
  // Processes, not threads: what a test file starts dies with it, also when it is killed.
  pool: "forks" as const,
  testTimeout: 20_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    globalSetup: ["tests/support/global.ts"],
    // Many files wait more than they work: for time-outs, for processes that start.
    maxWorkers: 3,
    projects: [
      { test: { ...common, name: "own", include: own } },
      // Most of a small file's time is spent on loading what it imports: these load it once.
      { test: { ...common, name: "shared", include: shared, isolate: false } },
    ],
  },
});
