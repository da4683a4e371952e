import { randomUUID } from "node:crypto";
import { beforeTheLog, type LogPoint } from "../batch.ts";
import type { Build } from "../build.ts";
import { readCheckpoints } from "../checkpoints.ts";
import { clearLogMismatch, reportFailure } from "../failures.ts";
import { backoff, pause } from "../timing.ts";
import { openEpoch } from "./epoch.ts";
import { findMismatch } from "./logCheck.ts";
import { type DispatchDependencies, runEpoch } from "./runEpoch.ts";

/**
 * Dispatches one build until stopped: opens an epoch at the build's lowest checkpoint, and a new one whenever a rewind is
 * needed or something failed. There is no cursor but the partitions' checkpoints. A build whose checkpoints are not those of
 * this log refuses to go on, says so in readiness, and looks again every few seconds.
 */
export async function dispatchBuild(
  dependencies: DispatchDependencies,
  build: Build,
  stop: AbortSignal,
): Promise<void> {
  const { pool, eventStore, queues, timing } = dependencies;
  const logger = dependencies.logger.child({ build: build.schema });
  for (let failures = 0; !stop.aborted; ) {
    try {
      const checkpoints = await readCheckpoints(pool, build);
      if (await refuses(dependencies, build, checkpoints)) {
        await pause(timing.retryRefused, stop);
        continue;
      }
      await queues.onePerPartition();
      const epoch = openEpoch(randomUUID(), build, lowest(checkpoints));
      for (const [partition, { position }] of checkpoints.entries()) {
        const state = epoch.partitions[partition];
        if (state !== undefined) state.applied = position;
      }
      logger.info({ epoch: epoch.id, from: String(epoch.from) }, "dispatching");
      const reason = await runEpoch(dependencies, epoch, stop);
      logger.info({ epoch: epoch.id, reason }, "epoch ended");
      failures = 0;
    } catch (error) {
      failures++;
      logger.warn({ err: error, failures }, "dispatching failed; again");
      await pause(backoff(timing, failures), stop);
    }
  }

  async function refuses({ pool }: DispatchDependencies, build: Build, checkpoints: readonly LogPoint[]) {
    const mismatch = await findMismatch(eventStore, checkpoints);
    if (mismatch === undefined) {
      await clearLogMismatch(pool, build);
      return false;
    }
    const { partition, checkpoint, found } = mismatch;
    const detail = `the log does not hold event ${checkpoint.eventId} at ${checkpoint.position}: ${found}`;
    logger.error({ partition, detail }, "this is not the log that the build was made from; refusing to go on");
    await reportFailure(pool, build, { partition, kind: "log_mismatch", at: checkpoint, detail });
    return true;
  }
}

function lowest(checkpoints: readonly LogPoint[]): bigint {
  const [first = beforeTheLog, ...others] = checkpoints.map(({ position }) => position);
  let low = first;
  for (const position of others) if (position < low) low = position;
  return low;
}
