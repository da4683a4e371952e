import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { matches, text } from "./compare.ts";
import { connect } from "./protocol.ts";
import type { Json, Scenario } from "./scenario.ts";
import { type Patience, playSteps } from "./steps.ts";
import { createWorld, rank } from "./world.ts";

export type PlayOptions = Patience & {
  /** Concurrent scenarios. */
  parallel: number;
  /** Whether to wait after each write as long as the recording says, which EventStoreDB needs. */
  settle: boolean;
  /** The scenarios to which this server is known to return less than was recorded; by default all beyond the core. */
  isLess?: (scenario: Scenario) => boolean;
};

/**
 * Milliseconds from one wait of a scenario to the next: its events have ages of whole seconds, and a read later than recorded
 * returns other events. Such a scenario is replayed a limited number of times.
 */
const withTimeout = 900;
const maxAttempts = 20;

/** Milliseconds: if a server returns less than was recorded, that is known only after this time-out. */
const patienceWhereLess = 2000;

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

/**
 * Splits the scenarios for this many servers. A scenario that counts all earlier events stays with the scenario recorded before it.
 */
export function partsOf(scenarios: readonly Scenario[], count: number): readonly (readonly Scenario[])[] {
  const begins = Array.from({ length: count }, (_, part) => Math.floor((part * scenarios.length) / count));
  const cuts = begins.map((begin) => {
    while (begin > 0 && needsSilence(scenarios[begin])) begin--;
    return begin;
  });
  return cuts.map((cut, part) => scenarios.slice(cut, cuts[part + 1]));
}

/** Plays scenarios against the server at `host:port` and compares its answers with the recorded ones. */
export async function play(address: string, scenarios: readonly Scenario[], options: PlayOptions): Promise<Report> {
  const isLess = options.isLess ?? (({ beyond }) => beyond === true);
  const report: Report = { core: { equal: 0, different: 0 }, beyond: { equal: 0, different: 0 }, differences: [] };

  async function answersTo(scenario: Scenario, number: number, attempt = 1): Promise<Json[]> {
    const world = createWorld(number + (attempt - 1) * scenarios.length);
    // A connection each: an HTTP/2 server closes a connection with many cancelled calls, such as subscriptions here.
    const protocol = connect(address);
    const settle = options.settle ? (scenario.settle ?? 0) : 0;
    const patience = isLess(scenario) ? Math.min(options.patience, patienceWhereLess) : options.patience;
    const { answers, longestStretch } = await playSteps(protocol, world, scenario, { ...options, patience }, settle);
    protocol.close();
    if (waits(scenario) && longestStretch > withTimeout && attempt < maxAttempts)
      return answersTo(scenario, number, attempt + 1);
    return answers.map((answer) => rank(answer, world.positions));
  }

  async function playOne(scenario: Scenario, number: number): Promise<void> {
    const answers = await answersTo(scenario, number);
    const tally = scenario.beyond ? report.beyond : report.core;
    const step = answers.findIndex((answer, index) => !matches(scenario, index, answer));
    tally[step < 0 ? "equal" : "different"] += 1;
    if (step < 0) return;
    const recorded = text(scenario.answers[step] ?? null);
    const got = text(answers[step] ?? null);
    report.differences.push({ scenario: scenario.name, beyond: scenario.beyond ?? false, step, recorded, got });
  }

  const numbered = scenarios.map((scenario, number) => [scenario, number] as const);
  // A read from where the scenario begins counts the event before it, so that the scenario before stays before.
  const inOrder = numbered.filter(
    ([scenario, number]) => waits(scenario) || [scenario, scenarios[number + 1]].some(needsSilence),
  );
  const together = numbered.filter((one) => !inOrder.includes(one));
  await Promise.all(
    Array.from({ length: options.parallel }, async () => {
      for (let next = together.shift(); next; next = together.shift()) await playOne(...next);
    }),
  );
  for (const one of inOrder) await playOne(...one);
  return report;
}

function waits({ steps }: Scenario): boolean {
  return steps.some(({ op }) => op === "wait");
}

/** Scenarios that count all events, or report how many were considered, must not see those of other scenarios. */
function needsSilence(scenario: Scenario | undefined): boolean {
  return (scenario?.steps ?? []).some((step) => {
    if (!("all" in step) || !step.all) return false;
    if (step.op === "subscribe") return !step.ignoreCheckpoints;
    return step.count !== undefined && !JSON.stringify(step.filter ?? "").includes("{prefix}");
  });
}
