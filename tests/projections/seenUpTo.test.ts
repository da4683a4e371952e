import { expect, test } from "vitest";
import { partitionOf } from "../../src/projections/engine/core/partition.ts";
import type { ProgressTracker } from "../../src/projections/engine/progress/tracker.ts";
import { seenUpTo } from "../../src/projections/seenUpTo.ts";

test("each read model has the position of the key's partition, unless it has no live build or parks the key", () => {
  const key = "a reader";
  const live = (position: bigint, parkedKeys: readonly string[] = [], partitions = 4) => ({
    partitions,
    partitionProgress: Array.from({ length: partitions }, (_, partition) =>
      partition === partitionOf(key, partitions)
        ? { position, parkedKeys: new Set(parkedKeys) }
        : { position: 99n, parkedKeys: new Set([key]) },
    ),
  });
  const known: Readonly<Record<string, unknown>> = {
    shelf: { live: live(7n) },
    places: { live: live(3n, ["another reader"], 2) },
    history: { live: live(8n, [key]) },
    preferences: { live: undefined },
    changes: { live: { partitions: 4, partitionProgress: [] } },
  };
  const tracker = { of: (name) => known[name] } as Pick<ProgressTracker, "of">;
  const seen = seenUpTo(tracker, [...Object.keys(known), "unknown"], key);
  expect([...seen]).toEqual([
    ["shelf", 7n],
    ["places", 3n],
  ]);
});
