import { Counter, Histogram, type Registry } from "prom-client";
import type { AppliedBatch } from "../projections/engine/workers/partitionWorkers.ts";

/** Counts the batches of a worker. */
export function countBatches(registry: Registry): (batch: AppliedBatch) => void {
  const labelNames = ["read_model", "partition"];
  const registers = [registry];
  const batches = new Counter({
    name: "heima_batches_total",
    help: "Batches that this worker took, by outcome: applied, done (by another before), gap, unknown, stopped.",
    labelNames: [...labelNames, "outcome"],
    registers,
  });
  const events = new Counter({
    name: "heima_batch_events_total",
    help: "Events in the batches that this worker applied.",
    labelNames,
    registers,
  });
  const durations = new Histogram({
    name: "heima_batch_duration_seconds",
    help: "Time to apply a batch, its repeats included.",
    labelNames: ["read_model"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  });
  return ({ readModel, partition, outcome, events: count, seconds }) => {
    batches.inc({ read_model: readModel, partition, outcome });
    if (outcome !== "applied") return;
    events.inc({ read_model: readModel, partition }, count);
    durations.observe({ read_model: readModel }, seconds);
  };
}
