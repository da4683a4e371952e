import { Redis } from "ioredis";
import type { Logger } from "./logger.ts";

export type { Redis };

/**
 * A Redis connection that reconnects for ever, every second at the latest. `blocking` is for BullMQ workers and
 * subscribers, which must not give a command up; any other fails a command after one reconnection, for the caller to repeat.
 */
export function connectRedis(options: { url: string; blocking: boolean; logger: Logger }): Redis {
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: options.blocking ? null : 1,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
    connectTimeout: 5_000,
  });
  redis.on("error", (error: Error) => options.logger.warn({ err: error }, "Redis connection"));
  return redis;
}
