import { randomUUID } from "node:crypto";
import { beforeTheLog, type LogPoint } from "../batch.ts";
import type { Build } from "../build.ts";
import { readCheckpoints } from "../checkpoints.ts";
import { backoff, pause } from "../timing.ts";
import { clearLogMismatch, reportTrouble } from "../troubles.ts";
import { openChain } from "./chain.ts";
import { findMismatch } from "./logCheck.ts";
import { type DispatchDependencies, runChain } from "./runChain.ts";

/**
 * Dispatches one build until stopped: opens a chain at the build's lowest checkpoint, and a new one whenever a rewind is
 * needed or something failed. There is no cursor but the lanes' checkpoints. A build whose checkpoints are not those of
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
      await queues.oneAtATime();
      const chain = openChain(randomUUID(), build, lowest(checkpoints));
      for (const [lane, { position }] of checkpoints.entries()) {
        const state = chain.lanes[lane];
        if (state !== undefined) state.applied = position;
      }
      logger.info({ chain: chain.id, from: String(chain.from) }, "dispatching");
      const reason = await runChain(dependencies, chain, stop);
      logger.info({ chain: chain.id, reason }, "chain ended");
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
    const { lane, checkpoint, found } = mismatch;
    const detail = `the log does not hold event ${checkpoint.eventId} at ${checkpoint.position}: ${found}`;
    logger.error({ lane, detail }, "this is not the log that the build was made from; refusing to go on");
    await reportTrouble(pool, build, { lane, kind: "log_mismatch", at: checkpoint, detail });
    return true;
  }
}

function lowest(checkpoints: readonly LogPoint[]): bigint {
  const [first = beforeTheLog, ...others] = checkpoints.map(({ position }) => position);
  let low = first;
  for (const position of others) if (position < low) low = position;
  return low;
}
