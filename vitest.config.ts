import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const files = readdirSync("tests", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `tests/${name}`);

/** What a test file contains that changes its process for other files: fake timers, spies and mocks, its environment, its handlers, or measures its memory. */
const changesItsProcess =
  /vi\.(mock|doMock|useFake|stub|spyOn)|process\.env(\.\w+|\[[^\]]*\]) =|delete process\.env|Object\.assign\(process|process\.(on|once|exit|chdir)\(|memoryUsage|setPriority|support\/syncedDuring/;

const own = files.filter((file) => changesItsProcess.test(readFileSync(file, "utf8")));
const shared = files.filter((file) => !own.includes(file));

/** What takes longest, also on a fast machine, begins first: at the end of a run no file is left alone. */
const longest = [
  "chaos/chaos",
  "docs/projections",
  "embedded/eventstore/recordings",
  "stack/idempotency",
  "library-import/uploads",
  "projections/verify/command",
  "projections/engine/parked",
  "stack/openapi",
  "stack/erasure",
  "stack/backup",
  "security/owasp",
  "embedded/supervisor",
  "replay/export",
  "cli/heima",
  "projections/engine/lease",
].map((name) => `/tests/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // A process goes on with the next file only when both share: those that do not come in one piece.
    const rank = ({ moduleId, project }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? longest.length + (project.name === "own" ? 0 : 1) : place;
    };
    // Stable: the others stay in the order of vitest, the longest of an earlier run or else the largest first.
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

const common = {
  // Processes, not threads: what a test file starts dies with it, also when it is killed.
  pool: "forks" as const,
  // Beyond patienceMs of tests/support/waiting.ts: what a test waits for says more than its end. On a busy machine all takes longer.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
  // Test files fill the processors, and wait for the programs that they start.
  env: { PROJECTION_NICE: "0" },
};

export default defineConfig({
  test: {
    globalSetup: ["tests/support/global.ts"],
    // Many files wait more than they work: for time-outs, for processes that start.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...common, name: "own", include: own } },
      // Loading what a file imports takes longer than most files: these load it once. Of 84 files with servers 160 CPU seconds became 84.
      { test: { ...common, name: "shared", include: shared, isolate: false } },
    ],
  },
});
