import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/global.ts"],
    // Processes, not threads: what a test file starts dies with it, also when it is killed.
    pool: "forks",
    // Many files wait more than they work: for time-outs, for processes that start.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
