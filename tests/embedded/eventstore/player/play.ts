import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { matches, text } from "./compare.ts";
import { connect } from "./protocol.ts";
import type { Scenario } from "./scenario.ts";
import { type Patience, playSteps } from "./steps.ts";
import { createWorld, rank } from "./world.ts";

export type PlayOptions = Patience & {
  /** Scenarios at once. */
  parallel: number;
  /** Whether to wait after each write as long as the recording says, which a real server needs. */
  settle: boolean;
};

export type Difference = { scenario: string; beyond: boolean; step: number; recorded: string; got: string };

export type Report = {
  core: { equal: number; different: number };
  beyond: { equal: number; different: number };
  differences: Difference[];
};

/** All recorded scenarios. */
export function readScenarios(): Scenario[] {
  const folder = new URL("../recordings/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl.gz"))
    .toSorted()
    .flatMap((name) =>
      gunzipSync(readFileSync(new URL(name, folder)))
        .toString()
        .trim()
        .split("\n"),
    )
    .map((line) => JSON.parse(line) as Scenario);
}

/** Plays scenarios against the server at `host:port` and compares its answers with the recorded ones. */
export async function play(address: string, scenarios: readonly Scenario[], options: PlayOptions): Promise<Report> {
  const protocol = connect(address);
  const report: Report = { core: { equal: 0, different: 0 }, beyond: { equal: 0, different: 0 }, differences: [] };

  async function playOne(scenario: Scenario, number: number): Promise<void> {
    const world = createWorld(number);
    const settle = options.settle ? (scenario.settle ?? 0) : 0;
    const played = await playSteps(protocol, world, scenario, options, settle);
    const answers = played.map((answer) => rank(answer, world.positions));
    const tally = scenario.beyond ? report.beyond : report.core;
    const step = answers.findIndex((answer, index) => !matches(scenario, index, answer));
    tally[step < 0 ? "equal" : "different"] += 1;
    if (step < 0) return;
    const recorded = text(scenario.answers[step] ?? null);
    const got = text(answers[step] ?? null);
    report.differences.push({ scenario: scenario.name, beyond: scenario.beyond ?? false, step, recorded, got });
  }

  const numbered = scenarios.map((scenario, number) => [scenario, number] as const);
  const together = numbered.filter(([scenario]) => !needsSilence(scenario));
  await Promise.all(
    Array.from({ length: options.parallel }, async () => {
      for (let next = together.shift(); next; next = together.shift()) await playOne(...next);
    }),
  );
  for (const [scenario, number] of numbered) if (needsSilence(scenario)) await playOne(scenario, number);
  protocol.close();
  return report;
}

/** What counts or considers all events must not meet those of other scenarios. */
function needsSilence({ steps }: Scenario): boolean {
  return steps.some((step) => {
    if (!("all" in step) || !step.all) return false;
    const countsOnlyItsOwn = step.op === "read" || step.ignoreCheckpoints;
    return !countsOnlyItsOwn || !JSON.stringify(step.filter ?? "").includes("{prefix}");
  });
}
