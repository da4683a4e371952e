import { rm } from "node:fs/promises";
import { join } from "node:path";
import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import { createQueueWorker } from "../../platform/queueWorker.ts";
import type { Redis } from "../../platform/redis.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { openReplayQueue, type ReplayJob, replayQueue } from "./queue.ts";
import { type RunReplayDeps, replayLock, runReplay } from "./runReplay.ts";

export type StartReplaysDeps = RunReplayDeps & {
  /** A connection that may wait for as long as it takes. */
  readonly redis: Redis;
};

/** How often Postgres is looked at for what Redis has lost and for files that go, in milliseconds. */
const lookEveryMs = 5_000;

/**
 * Works at replays one at a time, and clears away the files of those that are over, until `close`. Several processes may do so: one makes a
 * replay (`replayLock`), whatever Redis says. One that a process left is taken over by another, which goes on with its files.
 */
export function startReplays(deps: StartReplaysDeps, every = lookEveryMs): { close(): Promise<void> } {
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
    // One that still writes there goes first.
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
