import { Gauge, type Registry } from "prom-client";
import type { Logger } from "../platform/logger.ts";
import { cachedFor, singleFlight } from "../platform/singleFlight.ts";
import { withTimeout } from "../platform/withTimeout.ts";
import type { PartitionStatus, ReadModelStatus } from "../projections/engine/progress/status.ts";

/** Scrapers give up after ten seconds by default; the other metrics must be available before. */
const timeoutMs = 3_000;

/** The maximum age of the read models' state in a scrape, in milliseconds. */
const maxAgeMs = 1_000;

type Sample = readonly [labels: Record<string, string | number>, value: number];

/**
 * The state of the read models, determined when metrics are read. All gauges of a scrape, and scrapes within a second, share
 * one result. A hanging request is not repeated until it ends. If the request fails or takes too long,
 * `heima_read_models_known` is 0 and the other gauges are missing.
 */
export function watchReadModels(
  registry: Registry,
  readStatus: () => Promise<readonly ReadModelStatus[]>,
  logger: Logger,
  now?: () => number,
): void {
  const readOnce = singleFlight(readStatus);
  const ask = cachedFor(
    maxAgeMs,
    () =>
      withTimeout(readOnce().then(ofThisRelease), timeoutMs).catch((error: unknown) => {
        logger.debug({ err: error }, "the metrics lack the read models");
        return undefined;
      }),
    now,
  );

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
      // Each gauge awaits the result itself: the registry reads a metric's values as soon as its own `collect` has ended.
      async collect() {
        const status = await ask();
        this.reset();
        for (const [labels, value] of samples(status)) this.set(labels, value);
      },
    });
  const partitionGauge = (name: string, help: string, value: (partition: PartitionStatus) => number | null) =>
    gauge(name, help, ["read_model", "partition"], (status = []) =>
      liveOf(status).flatMap(({ readModel, partitions }) =>
        partitions.flatMap((partition): Sample[] => {
          const found = value(partition);
          return found === null ? [] : [[{ read_model: readModel, partition: partition.partition }, found]];
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
    status.flatMap(({ readModel, version, state }, index): Sample[] => {
      const isFirst = status.findIndex((other) => other.readModel === readModel) === index;
      const isLive =
        state === "live" || status.some((other) => other.readModel === readModel && other.state === "live");
      return isFirst ? [[{ read_model: readModel, version }, isLive ? 1 : 0]] : [];
    }),
  );
  gauge("heima_build_fill_events", "Events folded by a build that is filled.", ["read_model", "build"], (status = []) =>
    status.flatMap(({ readModel, build, fill }): Sample[] =>
      fill === null ? [] : [[{ read_model: readModel, build: build ?? "" }, fill.progress?.events ?? 0]],
    ),
  );
  gauge(
    "heima_build_replacements",
    "Builds in a row that had to be replaced before this one, which is filled.",
    ["read_model", "build"],
    (status = []) =>
      status.flatMap(({ readModel, build, fill }): Sample[] =>
        fill?.waits === undefined ? [] : [[{ read_model: readModel, build: build ?? "" }, fill.waits.replacements]],
      ),
  );
  gauge("heima_parked_keys", "Keys that are parked.", ["read_model", "partition"], (status = []) =>
    liveOf(status).flatMap(({ readModel, partitions }) =>
      partitions.flatMap(({ partition, parkedKeys }): Sample[] =>
        parkedKeys === 0 ? [] : [[{ read_model: readModel, partition }, parkedKeys]],
      ),
    ),
  );
  gauge(
    "heima_partition_stopped",
    "1 for a partition that does not advance.",
    ["read_model", "partition", "kind"],
    (status = []) =>
      liveOf(status).flatMap(({ readModel, partitions }) =>
        partitions.flatMap(({ partition, stopped }): Sample[] =>
          stopped === null ? [] : [[{ read_model: readModel, partition, kind: stopped.kind }, 1]],
        ),
      ),
  );
  partitionGauge(
    "heima_read_model_lag_events",
    "Events in the log that the partition has not applied yet; counted up to 5,000 a read model.",
    ({ lag }) => lag?.events ?? null,
  );
  partitionGauge(
    "heima_read_model_lag_seconds",
    "Age of the first event that the partition has not applied yet.",
    ({ lag }) => lag?.seconds ?? null,
  );
  partitionGauge("heima_batches_waiting", "Batches that wait in the partition's queue.", ({ waiting }) => waiting);
  partitionGauge(
    "heima_batches_active",
    "Batches that a worker has taken from the partition's queue.",
    ({ active }) => active,
  );
}

function ofThisRelease(status: readonly ReadModelStatus[]): readonly ReadModelStatus[] {
  return status.filter(({ otherRelease }) => otherRelease === undefined);
}

/** The live builds; for a read model without one, the build in progress. */
function liveOf(status: readonly ReadModelStatus[]): readonly ReadModelStatus[] {
  return status.filter(
    ({ readModel, state }) =>
      state === "live" || !status.some((other) => other.readModel === readModel && other.state === "live"),
  );
}
