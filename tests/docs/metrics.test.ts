import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { project, textOf } from "../deploy/files.ts";
import { registeredMetrics } from "../deploy/registeredMetrics.ts";

const registered = registeredMetrics();

/** The names in the first column of the table under Metrics, each with the labels in the second column. */
function documented(): ReadonlyMap<string, readonly string[]> {
  const [, section = ""] = /^## Metrics$([\s\S]*?)^## /m.exec(textOf("docs/operations.md")) ?? [];
  const rows = [...section.matchAll(/^\| (`heima_[^|]+) \|([^|]*)\| [^|]+ \| [^|]+ \|$/gm)];
  return new Map(
    rows.flatMap(([, names = "", labels = ""]) =>
      [...names.matchAll(/`(\w+)`/g)].map(
        ([, name = ""]) => [name, labels.split(",").flatMap((label) => label.trim() || [])] as const,
      ),
    ),
  );
}

test("docs/operations.md has every metric with its labels, and no other", () => {
  const sorted = (metrics: Iterable<readonly [string, readonly string[]]>) =>
    Object.fromEntries([...metrics].map(([name, labels]) => [name, [...labels].sort()] as const).sort());
  expect(sorted(documented())).toEqual(sorted(registered.map(({ name, labels }) => [name, labels])));
});

test("these are all that the sources of the metrics name", () => {
  const files = readdirSync(`${project}src/metrics`).map((name) => textOf(`src/metrics/${name}`));
  const named = files.flatMap((text) => [...text.matchAll(/"(heima_\w+)"/g)].map(([, name]) => name));
  expect(named.sort()).toEqual(registered.map(({ name }) => name).sort());
});
