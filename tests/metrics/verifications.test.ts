import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/registry.ts";
import { watchVerifications } from "../../src/metrics/verifications.ts";
import { createLogger } from "../../src/platform/logger.ts";

const logger = createLogger("test", "silent");
const run = { build: "shelf_v4_b1", keys: 3, rows: 12, events: 40 } as const;

async function scrape(lastVerifications: Parameters<typeof watchVerifications>[1]): Promise<readonly string[]> {
  const metrics = createMetrics("api");
  watchVerifications(metrics, lastVerifications, logger);
  return (await metrics.metrics()).split("\n").filter((line) => /^heima_verify/.test(line));
}

test("the last run of each scope is shown with its differences and its age", async () => {
  const at = new Date(Date.now() - 7_200_000);
  const lines = await scrape(async () => [
    { readModel: "shelf", scope: "all", at, differences: 0, foundAt: null, ...run },
    { readModel: "shelf", scope: "keys", at, differences: 4, foundAt: at, ...run },
  ]);
  expect(lines.filter((line) => line.startsWith("heima_verify_differences"))).toEqual([
    'heima_verify_differences{read_model="shelf",scope="all",service="api"} 0',
    'heima_verify_differences{read_model="shelf",scope="keys",service="api"} 4',
  ]);
  const ages = lines.filter((line) => line.startsWith("heima_verify_age_seconds")).map((line) => line.split(" ")[1]);
  expect(ages.map((age) => Math.floor(Number(age) / 3_600))).toEqual([2, 2]);
});

test("nothing is shown when Postgres does not answer, or nobody has verified yet", async () => {
  expect(await scrape(() => Promise.reject(new Error("away")))).toEqual([]);
  expect(await scrape(async () => [])).toEqual([]);
});
