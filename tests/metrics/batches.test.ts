import { expect, test } from "vitest";
import { countBatches } from "../../src/metrics/batches.ts";
import { createMetrics } from "../../src/metrics/registry.ts";
import { serveMetrics } from "../../src/metrics/serve.ts";

test("a worker exports what it did with its batches on its own port", async () => {
  const metrics = createMetrics("worker");
  const count = countBatches(metrics);
  const batch = { readModel: "shelf", partition: 2, events: 40, seconds: 0.02 };
  count({ ...batch, outcome: "applied" });
  count({ ...batch, outcome: "applied" });
  count({ ...batch, outcome: "gap" });
  const served = await serveMetrics(metrics, "127.0.0.1", 0);
  try {
    const response = await fetch(`http://127.0.0.1:${served.port}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    const labels = 'read_model="shelf",partition="2"';
    expect(text).toContain(`heima_batches_total{${labels},outcome="applied",service="worker"} 2`);
    expect(text).toContain(`heima_batches_total{${labels},outcome="gap",service="worker"} 1`);
    expect(text).toContain(`heima_batch_events_total{${labels},service="worker"} 80`);
    expect(text).toContain('heima_batch_duration_seconds_count{service="worker",read_model="shelf"} 2');
    expect((await fetch(`http://127.0.0.1:${served.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${served.port}/metrics`, { method: "POST" })).status).toBe(404);
  } finally {
    await served.close();
  }
});

test("a port that is taken is an error at the start", async () => {
  const metrics = createMetrics("worker");
  const first = await serveMetrics(metrics, "127.0.0.1", 0);
  await expect(serveMetrics(metrics, "127.0.0.1", first.port)).rejects.toThrow("EADDRINUSE");
  await first.close();
});
