import { expect, test } from "vitest";
import { type Batch, batchFromJson, batchToJson } from "../../../src/projections/engine/core/batch.ts";
import { added, point } from "../fixtures.ts";

test("a batch comes out of its job as it went in, positions beyond 2^53 and milliseconds included", () => {
  const far = 2n ** 60n + 1n;
  const event = { ...added(far, "reader1"), created: new Date("2026-01-02T03:04:05.678Z"), key: "reader1" };
  const batch: Batch = {
    build: "shelf_v1_b1",
    epoch: "epoch",
    partition: 3,
    after: -1n,
    upTo: point(far),
    events: [event, { ...event, metadata: { ...event.metadata, traceparent: "00-1-2-01" } }],
  };
  expect(batchFromJson(JSON.parse(JSON.stringify(batchToJson(batch))))).toEqual(batch);
});
