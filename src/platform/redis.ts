import { Redis, ReplyError } from "ioredis";
import type { Logger } from "./logger.ts";

export type { Redis };

/** Longer than any blocking command waits: BullMQ's workers ask again after 10 seconds at most. */
const blockingSilenceMs = 30_000;

/**
 * A Redis connection that reconnects for ever, with pauses of at most a second. `blocking` is for BullMQ workers and
 * subscribers, which must not give up a command; otherwise a command rejects after one reconnection, for the caller to retry,
 * or after `commandTimeoutMs` (default: 5,000) without an answer. A connection on which nothing comes for that time (30 s for `blocking`), though
 * an answer is due, is replaced; so is one to a server that has become a replica.
 */
export function connectRedis(options: {
  url: string;
  blocking: boolean;
  commandTimeoutMs?: number;
  logger: Logger;
}): Redis {
  const { commandTimeoutMs = 5_000 } = options;
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: options.blocking ? null : 1,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
    connectTimeout: 5_000,
    ...(options.blocking ? {} : { commandTimeout: commandTimeoutMs }),
    // After a failover the address may lead to the new primary, while this connection still leads to the old one, now a replica.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
    // A connection that is silent when an answer is due may be forgotten on the way: TCP notices after some 15 minutes.
    socketTimeout: options.blocking ? blockingSilenceMs : commandTimeoutMs,
  });
  redis.on("error", (error: Error) => options.logger.warn({ err: error }, "Redis connection error"));
  return redis;
}

/** After which the key of a check is gone, in milliseconds. */
const checkedForMs = 10_000;

/**
 * Writes a small key, because a Redis that is full, cannot save, or has no replicas still answers PING. Rejects with its refusal, whose
 * message begins with a code such as OOM; see `refusalOf`.
 */
export async function writeToRedis(redis: Redis): Promise<void> {
  await redis.set("heima:writable", "1", "PX", checkedForMs);
}

/** Codes of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors) for what passes, or an operator corrects. */
const refusals =
  /^(OOM|MISCONF|NOREPLICAS|READONLY|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOPERM|NOAUTH|WRONGPASS|ERR max number of clients)\b/;

/**
 * The code of an error by which Redis refuses commands for now or until an operator corrects something, such as OOM; undefined for other
 * errors. Of a transaction it is that of the command that was refused.
 */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined;
  const { message, previousErrors = [] } = error as Error & { readonly previousErrors?: readonly unknown[] };
  return refusals.exec(message)?.[1] ?? previousErrors.map(refusalOf).find((code) => code !== undefined);
}
