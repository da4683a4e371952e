import { Gauge, type Registry } from "prom-client";
import type { Logger } from "../platform/logger.ts";
import type { ReadModelStatus } from "../projections/engine/status.ts";

/** A scraper gives up after ten seconds by default; the rest of the metrics must be there before. */
const patienceMs = 3_000;

/**
 * How far the read models are, asked for when the metrics are read and at no other time; scrapes at the same time share one
 * answer. When the answer fails or is late, `heima_read_models_known` is 0 and the others are left out.
 */
export function watchReadModels(
  registry: Registry,
  readStatus: () => Promise<readonly ReadModelStatus[]>,
  logger: Logger,
): void {
  const registers = [registry];
  const laneGauge = (name: string, help: string, more: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: ["read_model", "lane", ...more], registers });

  const lagEvents = laneGauge("heima_read_model_lag_events", "Events in the log that the lane has not applied yet.");
  const lagSeconds = laneGauge("heima_read_model_lag_seconds", "Age of the first event that the lane has not applied.");
  const waiting = laneGauge("heima_batches_waiting", "Batches that wait in the lane's queue.");
  const active = laneGauge("heima_batches_active", "Batches that a worker has taken from the lane's queue.");
  const stopped = laneGauge("heima_lane_stopped", "1 for a lane that stands still, by kind.", ["kind"]);
  const built = new Gauge({
    name: "heima_read_model_built",
    help: "1 when the read model has a live build.",
    labelNames: ["read_model", "version"],
    registers,
  });
  const perLane = [lagEvents, lagSeconds, waiting, active, stopped];

  let asking: Promise<readonly ReadModelStatus[]> | undefined;
  const ask = () => {
    asking ??= inTime(readStatus()).finally(() => {
      asking = undefined;
    });
    return asking;
  };

  new Gauge({
    name: "heima_read_models_known",
    help: "1 when the state of the read models could be read for this scrape.",
    registers,
    async collect() {
      const status = await ask().catch((error: unknown) => {
        logger.debug({ err: error }, "the metrics lack the read models");
        return undefined;
      });
      for (const gauge of [...perLane, built]) gauge.reset();
      this.set(status === undefined ? 0 : 1);
      for (const readModel of status ?? []) show(readModel);
    },
  });

  function show({ readModel: read_model, version, build, lanes }: ReadModelStatus): void {
    built.set({ read_model, version }, build === null ? 0 : 1);
    for (const { lane, behind, ...state } of lanes) {
      const labels = { read_model, lane };
      if (behind !== null) {
        lagEvents.set(labels, behind.events);
        lagSeconds.set(labels, behind.seconds);
      }
      if (state.waiting !== null) waiting.set(labels, state.waiting);
      if (state.active !== null) active.set(labels, state.active);
      if (state.stopped !== null) stopped.set({ ...labels, kind: state.stopped.kind }, 1);
    }
  }
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
