import { randomUUID } from "node:crypto";
import { InvalidPosition } from "../../../event-store/errors.ts";
import { replaceLost } from "../builds/replaceLost.ts";
import type { LogPoint } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { openEpoch } from "../core/epoch.ts";
import { lowestPosition } from "../core/positions.ts";
import { findMismatch } from "../log/logCheck.ts";
import { readSkips } from "../log/skips.ts";
import { backoff, pause } from "../timing.ts";
import type { DispatchDependencies } from "./dispatchDependencies.ts";
import { runEpoch } from "./runEpoch.ts";

/**
 * Dispatches one build until stopped: opens an epoch at the build's lowest checkpoint, and a new one whenever a rewind is
 * needed or something failed. There is no cursor besides the partitions' checkpoints. If a checkpoint does not match the log,
 * the build is not fed: it reports `log_mismatch`, and checks again every few seconds.
 */
export async function dispatchBuild(
  dependencies: DispatchDependencies,
  build: Build,
  stop: AbortSignal,
): Promise<void> {
  const { store, catalog, eventStore, queues, timing } = dependencies;
  const logger = dependencies.logger.child({ build: build.name });
  for (let failures = 0; !stop.aborted; ) {
    try {
      await store.open(build);
      const checkpoints = await store.checkpoints(build);
      if (await refuses(checkpoints)) {
        await pause(timing.retryRefused, stop);
        continue;
      }
      // A stopped build may be dropped: batches added to its queues now would stay in Redis.
      if (stop.aborted) return;
      await queues.onePerPartition();
      const skipped = await readSkips(eventStore, dependencies.codec, build.readModel.name);
      const epoch = openEpoch(randomUUID(), build, lowestPosition(checkpoints), skipped);
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
      logger.warn({ err: error, failures }, "dispatching failed; retrying");
      const isOver = await replaceLost(dependencies, build, error).catch((err: unknown) => {
        logger.warn({ err }, "cannot end a lost build; retrying");
        return false;
      });
      if (isOver) return;
      // At the first failure, the next check of the checkpoints finds the cause, or that only the last delivery is of another
      // log.
      if (error instanceof InvalidPosition && failures > 1) {
        await reportInvalid(error).catch((err: unknown) => logger.warn({ err }, "cannot record the failure"));
        await pause(timing.retryRefused, stop);
        continue;
      }
      await pause(backoff(timing, failures), stop);
    }
  }

  async function refuses(checkpoints: readonly LogPoint[]) {
    const mismatch = await findMismatch(eventStore, checkpoints, timing.logLag, stop);
    if (stop.aborted) return true;
    if (mismatch === undefined) {
      await catalog.clearFailure(build, "log_mismatch");
      return false;
    }
    const { partition, checkpoint, found } = mismatch;
    const detail = `the log does not hold event ${checkpoint.eventId} at ${checkpoint.position}: ${found}`;
    logger.error({ partition, detail }, "the log is not the one from which the build was made; pausing the build");
    await catalog.reportFailure(build, { partition, kind: "log_mismatch", at: checkpoint, detail });
    return true;
  }

  /** The checkpoints seem to fit, but the log does not let the build be read on from the lowest. */
  async function reportInvalid({ message }: InvalidPosition): Promise<void> {
    const checkpoints = await store.checkpoints(build);
    const lowest = lowestPosition(checkpoints);
    const partition = checkpoints.findIndex(({ position }) => position === lowest);
    const at = checkpoints[partition];
    if (at === undefined) return;
    const detail = `the log cannot be read on from ${at.position}: ${message}`;
    await catalog.reportFailure(build, { partition, kind: "log_mismatch", at, detail });
  }
}
