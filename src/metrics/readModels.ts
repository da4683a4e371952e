import { Gauge, type Registry } from "prom-client";
import { inTime } from "../platform/inTime.ts";
import type { Logger } from "../platform/logger.ts";
import type { LaneStatus, ReadModelStatus } from "../projections/engine/status.ts";

/** A scraper gives up after ten seconds by default; the rest of the metrics must be there before. */
const patienceMs = 3_000;

type Sample = readonly [labels: Record<string, string | number>, value: number];

/**
 * How far the read models are, asked for when the metrics are read and at no other time; the gauges of a scrape, and scrapes
 * at the same time, share one answer. When it fails or is late, `heima_read_models_known` is 0 and the others are left out.
 */
export function watchReadModels(
  registry: Registry,
  readStatus: () => Promise<readonly ReadModelStatus[]>,
  logger: Logger,
): void {
  let asking: Promise<readonly ReadModelStatus[] | undefined> | undefined;
  const ask = () => {
    asking ??= inTime(readStatus(), patienceMs)
      .catch((error: unknown) => {
        logger.debug({ err: error }, "the metrics lack the read models");
        return undefined;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (status: readonly ReadModelStatus[] | undefined) => readonly Sample[],
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      // Each waits for the answer by itself: the registry takes a metric's values as soon as its own `collect` is done.
      async collect() {
        const status = await ask();
        this.reset();
        for (const [labels, value] of samples(status)) this.set(labels, value);
      },
    });
  const laneGauge = (name: string, help: string, value: (lane: LaneStatus) => number | null) =>
    gauge(name, help, ["read_model", "lane"], (status = []) =>
      status.flatMap(({ readModel, lanes }) =>
        lanes.flatMap((lane): Sample[] => {
          const found = value(lane);
          return found === null ? [] : [[{ read_model: readModel, lane: lane.lane }, found]];
        }),
      ),
    );

  gauge(
    "heima_read_models_known",
    "1 when the state of the read models could be read for this scrape.",
    [],
    (status) => [[{}, status === undefined ? 0 : 1]],
  );
  gauge("heima_read_model_built", "1 when the read model has a live build.", ["read_model", "version"], (status = []) =>
    status.map(({ readModel, version, build }) => [{ read_model: readModel, version }, build === null ? 0 : 1]),
  );
  gauge("heima_lane_stopped", "1 for a lane that stands still.", ["read_model", "lane", "kind"], (status = []) =>
    status.flatMap(({ readModel, lanes }) =>
      lanes.flatMap(({ lane, stopped }): Sample[] =>
        stopped === null ? [] : [[{ read_model: readModel, lane, kind: stopped.kind }, 1]],
      ),
    ),
  );
  laneGauge(
    "heima_read_model_lag_events",
    "Events in the log that the lane has not applied yet; counted up to 5,000 a read model.",
    ({ behind }) => behind?.events ?? null,
  );
  laneGauge(
    "heima_read_model_lag_seconds",
    "Age of the first event that the lane has not applied yet.",
    ({ behind }) => behind?.seconds ?? null,
  );
  laneGauge("heima_batches_waiting", "Batches that wait in the lane's queue.", ({ waiting }) => waiting);
  laneGauge("heima_batches_active", "Batches that a worker has taken from the lane's queue.", ({ active }) => active);
}
