import type { Queue } from "bullmq";
import type { EventStore } from "../../event-store/types.ts";
import { inTime } from "../../platform/inTime.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { Redis } from "../../platform/redis.ts";
import type { BatchJson } from "./batch.ts";
import { findBuild, type LiveBuild } from "./build.ts";
import { readCheckpoints } from "./checkpoints.ts";
import type { ReadModel } from "./declaration.ts";
import { type Failure, openFailures } from "./failures.ts";
import { countLag, type Lag } from "./lag.ts";
import { openQueues } from "./queues.ts";

/** How a partition is. `lag`, `waiting` and `active` are null when the event store or Redis did not tell in time. */
export type PartitionStatus = {
  readonly partition: number;
  readonly checkpoint: bigint;
  readonly lag: Lag | null;
  /** Batches that wait in the partition's queue, and those that a worker has taken. */
  readonly waiting: number | null;
  readonly active: number | null;
  /** Why the partition does not go on. */
  readonly stopped: Failure | null;
};

/** How the live build of a read model is; `build` is null, and there are no partitions, as long as nobody has made one. */
export type ReadModelStatus = {
  readonly readModel: string;
  readonly version: number;
  readonly build: string | null;
  /** The position of the last event in the log that concerns the read model, null when that is not known. */
  readonly head: bigint | null;
  readonly partitions: readonly PartitionStatus[];
};

export type ProjectionsStatus = {
  /** Every read model, in the order of the registry. Rejects when Postgres does not answer. */
  read(): Promise<readonly ReadModelStatus[]>;
  close(): Promise<void>;
};

/**
 * Tells how far every read model is: checkpoints and stopped partitions from Postgres, what is missing from the event store, what
 * waits from Redis. An event store or a Redis that says nothing within `patienceMs` leaves its part null.
 */
export function createProjectionsStatus(dependencies: {
  readonly readModels: readonly ReadModel[];
  readonly pool: Pool;
  readonly eventStore: Pick<EventStore, "subscribe">;
  readonly redis: Redis;
  readonly logger: Logger;
  readonly patienceMs?: number;
}): ProjectionsStatus {
  const { readModels, pool, eventStore, redis, logger, patienceMs = 2_000 } = dependencies;
  const open = new Map<string, readonly Queue<BatchJson>[]>();

  const queuesOf = (build: LiveBuild) => {
    const known = open.get(build.schema);
    if (known !== undefined) return known;
    const queues = openQueues(build, redis);
    for (const queue of queues) queue.on("error", (error) => logger.debug({ err: error }, "partition queue"));
    open.set(build.schema, queues);
    return queues;
  };

  const orNull = async <Result>(what: string, work: Promise<Result>): Promise<Result | null> => {
    try {
      return await inTime(work, patienceMs);
    } catch (error) {
      logger.debug({ err: error }, `the state of the read models lacks ${what}`);
      return null;
    }
  };

  const statusOf = async (readModel: ReadModel): Promise<ReadModelStatus> => {
    const { name, version } = readModel;
    const build = await findBuild(pool, readModel);
    if (build === undefined) return { readModel: name, version, build: null, head: null, partitions: [] };
    const [points, failures, counts] = await Promise.all([
      readCheckpoints(pool, build),
      openFailures(pool, build),
      orNull("the queues", Promise.all(queuesOf(build).map((queue) => queue.getJobCounts("waiting", "active")))),
    ]);
    const checkpoints = points.map(({ position }) => position);
    const late = AbortSignal.timeout(patienceMs);
    const counted = countLag(eventStore, readModel, build, checkpoints, Date.now(), late);
    const lag = await orNull("the log", counted);
    const partitions = checkpoints.map((checkpoint, partition) => ({
      partition,
      checkpoint,
      lag: lag?.partitions[partition] ?? null,
      waiting: counts?.[partition]?.waiting ?? null,
      active: counts?.[partition]?.active ?? null,
      stopped: failures.find((failure) => failure.partition === partition) ?? null,
    }));
    return { readModel: name, version, build: build.schema, head: lag?.head ?? null, partitions };
  };

  return {
    read: () => Promise.all(readModels.map(statusOf)),
    async close() {
      await Promise.all([...open.values()].flat().map((queue) => queue.close()));
    },
  };
}
