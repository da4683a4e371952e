import { Redis } from "ioredis";
import type { Logger } from "./logger.ts";

export type { Redis };

/**
 * A Redis connection that reconnects for ever, every second at the latest. `blocking` is for BullMQ workers and
 * subscribers, which must not give a command up; any other fails a command after one reconnection, for the caller to repeat,
 * or when it has no answer after `commandTimeoutMs` (by default it waits for ever).
 */
export function connectRedis(options: {
  url: string;
  blocking: boolean;
  commandTimeoutMs?: number;
  logger: Logger;
}): Redis {
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: options.blocking ? null : 1,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
    connectTimeout: 5_000,
    // A server that is there and does not answer: a blocking command waits for longer than this by design.
    ...(options.blocking ? {} : { commandTimeout: 5_000 }),
    ...(options.commandTimeoutMs === undefined ? {} : { commandTimeout: options.commandTimeoutMs }),
  });
  redis.on("error", (error: Error) => options.logger.warn({ err: error }, "Redis connection"));
  return redis;
}
