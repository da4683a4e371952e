import { Redis } from "ioredis";
import type { Logger } from "./logger.ts";

export type { Redis };

/**
 * A Redis connection that reconnects for ever, with pauses of at most a second. `blocking` is for BullMQ workers and
 * subscribers, which must not give up a command; otherwise a command rejects after one reconnection, for the caller to retry,
 * or after `commandTimeoutMs` without an answer (by default it waits for ever).
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
    // For a server that accepts connections but does not answer; a blocking command waits longer by design.
    ...(options.blocking ? {} : { commandTimeout: 5_000 }),
    ...(options.commandTimeoutMs === undefined ? {} : { commandTimeout: options.commandTimeoutMs }),
  });
  redis.on("error", (error: Error) => options.logger.warn({ err: error }, "Redis connection"));
  return redis;
}
