import { expect, test } from "vitest";
import { loadConfig, wrongSettings } from "../../src/platform/config.ts";

test.each([
  ["PROJECTION_PARTITIONS", "PROJECTION_LANES", 7],
  ["RESPONSE_CACHE_MB", "KEPT_ANSWERS_MB", 12],
] as const)("%s is still read by its former name %s", (name, former, value) => {
  expect(loadConfig([name], { [former]: `${value}` })).toEqual({ [name]: value });
  expect(loadConfig([name], { [former]: `${value}`, [name]: "3" })).toEqual({ [name]: 3 });
  expect(wrongSettings({ [former]: "many" }).map((wrong) => wrong.name)).toContain(name);
});
