import { expect, test } from "vitest";
import { watchDependencies } from "../../src/metrics/dependencies.ts";
import { createMetrics } from "../../src/metrics/registry.ts";

test("each dependency is shown as it is at the scrape", async () => {
  const metrics = createMetrics("api");
  const states: Record<string, "up" | "down"> = { postgres: "up", elasticsearch: "down" };
  watchDependencies(metrics, async () => states);
  const scrape = async () => (await metrics.metrics()).split("\n").filter((line) => /^heima_dependency/.test(line));
  expect(await scrape()).toEqual([
    'heima_dependency_up{dependency="postgres",service="api"} 1',
    'heima_dependency_up{dependency="elasticsearch",service="api"} 0',
  ]);
  states.elasticsearch = "up";
  expect(await scrape()).toContain('heima_dependency_up{dependency="elasticsearch",service="api"} 1');
});
