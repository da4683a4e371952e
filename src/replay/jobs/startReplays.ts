import { rm } from "node:fs/promises";
import { join } from "node:path";
import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import { createQueueWorker } from "../../platform/queueWorker.ts";
import type { Redis } from "../../platform/redis.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { openReplayQueue, type ReplayJob, replayQueue } from "./queue.ts";
import { type RunReplayDependencies, replayLock, runReplay } from "./runReplay.ts";

export type StartReplaysDependencies = RunReplayDependencies & {
  /** A connection that may wait for as long as it takes. */
  readonly redis: Redis;
};

/** The interval (ms) at which Postgres is polled for jobs that Redis has lost and for files to delete. */
const lookEveryMs = 5_000;

/**
 * Makes replays one at a time, and deletes the files of ended ones, until `close`. Several processes may run it: only
 * one makes a given replay (`replayLock`), even if Redis lost the job. If a process leaves a replay unfinished, another
 * continues it with its files.
 */
export function startReplays(deps: StartReplaysDependencies, every = lookEveryMs): { close(): Promise<void> } {
  const { redis, pool, replays, folder, logger } = deps;
  const stop = new AbortController();
  const queue = openReplayQueue(redis, logger);
  const worker = createQueueWorker<ReplayJob>(replayQueue, ({ data: { id } }) => runReplay(deps, id, stop.signal), {
    redis,
    logger,
  });
  worker.on("failed", (job, error) => logger.warn({ err: error, replay: job?.data.id }, "a replay failed; retrying"));

  const look = async () => {
    await replays.expire();
    // A process that still writes there ends before.
    for (const id of await replays.uncleared())
      await withAdvisoryLock(pool, replayLock(id), async () => {
        await rm(join(folder, id), { recursive: true, force: true });
        await replays.markCleared(id);
      });
    for (const id of await replays.unended()) await queue.announce(id);
  };
  const looking = repeatUntilClosed(look, {
    everyMs: every,
    onFailure: (error) => logger.warn({ err: error }, "cannot poll for replays; retrying"),
  });
  return {
    async close() {
      stop.abort(new Error("the process ends"));
      await Promise.all([worker.close(), looking.close()]);
      await queue.close();
    },
  };
}
