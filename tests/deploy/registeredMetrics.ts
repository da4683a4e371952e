import { Histogram, type Metric } from "prom-client";
import { countBatches } from "../../src/metrics/batches.ts";
import { watchDependencies } from "../../src/metrics/dependencies.ts";
import { countKeywords } from "../../src/metrics/keywords.ts";
import { watchReadModels } from "../../src/metrics/readModels.ts";
import { createMetrics } from "../../src/metrics/registry.ts";
import { countRequests } from "../../src/metrics/requests.ts";
import { countCacheLookups } from "../../src/metrics/responseCache.ts";
import { countSnapshots } from "../../src/metrics/snapshots.ts";
import { watchVerifications } from "../../src/metrics/verifications.ts";
import { createLogger } from "../../src/platform/logger.ts";

/** A metric of our processes, with its own labels; each also has the label `service`. */
export type RegisteredMetric = {
  readonly name: string;
  readonly labels: readonly string[];
  readonly isHistogram: boolean;
};

/** All metrics that our processes register, except those of Node. */
export function registeredMetrics(): readonly RegisteredMetric[] {
  const registry = createMetrics("test");
  const logger = createLogger("test", "silent");
  countBatches(registry);
  countRequests(registry);
  countCacheLookups(registry);
  countKeywords(registry);
  countSnapshots(registry);
  watchDependencies(registry, async () => ({}));
  watchReadModels(registry, async () => [], logger);
  watchVerifications(registry, async () => [], logger);
  const metrics = registry.getMetricsAsArray() as unknown as (Metric & { name: string; labelNames: string[] })[];
  return metrics
    .filter(({ name }) => name.startsWith("heima_"))
    .map(({ name, labelNames }) => ({
      name,
      labels: labelNames,
      isHistogram: registry.getSingleMetric(name) instanceof Histogram,
    }));
}
