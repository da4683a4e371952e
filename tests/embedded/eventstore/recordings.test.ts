import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshEventStore } from "../../support/eventStore.ts";
import { partsOf, play, readScenarios } from "./player/play.ts";
import type { Scenario } from "./player/scenario.ts";

const real = process.env.TEST_EVENTSTORE_URL !== undefined;
/**
 * Several servers, because scenarios that must be alone on a server are played one after another, and missing answers are known
 * only after a time-out. An external server is only one.
 */
const servers = real ? 1 : 4;

let stores: Awaited<ReturnType<typeof freshEventStore>>[];
beforeAll(async () => {
  stores = await Promise.all(Array.from({ length: servers }, () => freshEventStore()));
});
afterAll(() => Promise.all(stores.map(({ stop }) => stop())));

it("every recorded core answer is returned, and beyond the core it is returned or its difference is explained", async () => {
  const explained = readFileSync(new URL("../../../docs/eventstore-differences.md", import.meta.url), "utf8");
  const isExplained = (scenario: string) => explained.includes(`\`${scenario}\``);
  // The time-out costs time only if an answer is missing, and a machine may be slow while all tests start.
  const pace = real
    ? { quiet: 150, patience: 8000 }
    : { quiet: 25, patience: 120_000, isLess: ({ name }: Scenario) => isExplained(name) };
  const parts = partsOf(readScenarios(), servers);
  expect(parts.flat()).toEqual(readScenarios());
  const reports = await Promise.all(
    stores.map(({ url }, index) =>
      play(new URL(url).host, parts[index] ?? [], { ...pace, settle: real, parallel: 24 / servers }),
    ),
  );
  const differences = reports.flatMap((report) => report.differences);
  expect(differences.filter(({ beyond }) => !beyond)).toEqual([]);
  const total = (count: "equal" | "different") => reports.reduce((sum, { core }) => sum + core[count], 0);
  expect({ equal: total("equal"), different: total("different") }).toEqual({ equal: 387, different: 0 });
  expect(differences.filter(({ scenario }) => !isExplained(scenario))).toEqual([]);
}, 400_000);
