import { Queue, type QueueOptions } from "bullmq";
import type { Logger } from "../../platform/logger.ts";
import type { Redis } from "../../platform/redis.ts";

export const replayQueue = "replays";
export const replayPrefix = "heima";

/** A job names a replay; all else stands in Postgres. */
export type ReplayJob = { readonly id: string };

/** Where replays are announced to the workers. One that is announced again while it waits or runs is there once. */
export function openReplayQueue(redis: Redis, logger: Logger) {
  const options: QueueOptions = {
    connection: redis,
    prefix: replayPrefix,
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  };
  const queue = new Queue<ReplayJob>(replayQueue, options);
  queue.on("error", (error) => logger.warn({ err: error }, "the queue of replays"));
  return {
    announce: async (id: string): Promise<void> => void (await queue.add("replay", { id }, { jobId: id })),
    close: () => queue.close(),
  };
}
export type ReplayQueue = ReturnType<typeof openReplayQueue>;
