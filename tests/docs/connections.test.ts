import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { poolSizes } from "../../src/platform/poolSizes.ts";

test("docs/operations.md has the connections to Postgres that the processes open", () => {
  const { api, dispatcher, worker } = poolSizes;
  expect(api.monitoring).toBe(2);
  expect(readFileSync("docs/operations.md", "utf8")).toContain(
    `${api.queries + api.monitoring} per API (two of them for readiness and progress), ${dispatcher} per dispatcher, ${worker} per worker.`,
  );
});
