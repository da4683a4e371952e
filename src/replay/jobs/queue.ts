import type { Logger } from "../../platform/logger.ts";
import { createQueue } from "../../platform/queue.ts";
import type { Redis } from "../../platform/redis.ts";

export const replayQueue = "replays";

/** A job names a replay; everything else is in Postgres. */
export type ReplayJob = { readonly id: string };

/** Where replays are announced to the workers. One that is announced again while it waits or runs is there once. */
export function openReplayQueue(redis: Redis, logger: Logger) {
  const queue = createQueue<ReplayJob>(replayQueue, redis);
  queue.on("error", (error) => logger.warn({ err: error }, "replay queue error"));
  return {
    announce: async (id: string): Promise<void> => void (await queue.add("replay", { id }, { jobId: id })),
    close: () => queue.close(),
  };
}
export type ReplayQueue = ReturnType<typeof openReplayQueue>;
