import { expect, test } from "vitest";
import { createAppliedUpTo } from "../../src/projections/appliedUpTo.ts";
import { partitionOf } from "../../src/projections/engine/core/partition.ts";
import type { ProgressTracker } from "../../src/projections/engine/progress/tracker.ts";

test("each read model has the position of the key's partition, unless it is unknown, has no live build or parks the key", () => {
  const key = "a reader";
  const live = (position: bigint, parkedKeys: readonly string[] = [], partitions = 4) => ({
    build: { name: `of ${partitions}` },
    partitions,
    partitionProgress: Array.from({ length: partitions }, (_, partition) =>
      partition === partitionOf(key, partitions)
        ? { position, eventId: `event ${position}`, parkedKeys: new Set(parkedKeys) }
        : { position: 99n, parkedKeys: new Set([key]) },
    ),
  });
  const known: Readonly<Record<string, unknown>> = {
    shelf: { live: live(7n) },
    places: { live: live(3n, ["another reader"], 2) },
    history: { live: live(8n, [key]) },
    preferences: { live: undefined },
    changes: { live: { build: { name: "b" }, partitions: 4, partitionProgress: [] } },
  };
  const tracker = { of: (name) => known[name] } as Pick<ProgressTracker, "of">;
  const appliedUpTo = createAppliedUpTo(tracker);
  expect([...appliedUpTo(["shelf", "places", "history", "preferences", "changes", "rounds"], key)]).toEqual([
    ["shelf", { position: 7n, eventId: "event 7", build: "of 4" }],
    ["places", { position: 3n, eventId: "event 3", build: "of 2" }],
  ]);
});
