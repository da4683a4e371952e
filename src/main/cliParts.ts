import { connectEventStore } from "../event-store/connect.ts";
import type { EventStore } from "../event-store/types.ts";
import { loadConfig } from "../platform/config.ts";
import { createLogger, type Logger } from "../platform/logger.ts";
import { createPool, type Pool } from "../platform/postgres.ts";
import { connectRedis, type Redis } from "../platform/redis.ts";

/** The resources of commands. Each is opened, and its setting required, on first use. */
export type CliParts = {
  readonly logger: Logger;
  readonly pool: Pool;
  readonly eventStore: EventStore;
  readonly redis: Redis;
};

/** Logs to stderr, because stdout has the output; by default only warnings and errors (LOG_LEVEL). */
export function cliLogger(): Logger {
  const { LOG_LEVEL } = loadConfig(["LOG_LEVEL"], { LOG_LEVEL: "warn", ...process.env });
  return createLogger("cli", LOG_LEVEL, process.stderr.fd);
}

/** Runs a command with the resources it uses, and closes them at the end. */
export async function withParts<Result>(work: (parts: CliParts) => Promise<Result>): Promise<Result> {
  const opened = openParts();
  try {
    return await work(opened.parts);
  } finally {
    await opened.close();
  }
}

/** The same for a command that yields its results one by one. */
export async function* yieldWithParts<Item>(work: (parts: CliParts) => AsyncIterable<Item>): AsyncGenerator<Item> {
  const opened = openParts();
  try {
    yield* work(opened.parts);
  } finally {
    await opened.close();
  }
}

function openParts() {
  const logger = cliLogger();
  const closing: (() => unknown)[] = [];
  const once = <Part>(open: () => Part, close: (part: Part) => unknown) => {
    let known: Part | undefined;
    return () => {
      if (known === undefined) {
        const part = open();
        closing.push(() => close(part));
        known = part;
      }
      return known;
    };
  };
  const pool = once(
    () => createPool({ url: loadConfig(["DATABASE_URL"]).DATABASE_URL, max: 4, service: "cli", logger }),
    (part) => part.end(),
  );
  const eventStore = once(
    () => connectEventStore({ url: loadConfig(["EVENTSTORE_URL"]).EVENTSTORE_URL, logger }),
    (part) => part.close(),
  );
  const redis = once(
    () => {
      const { REDIS_URL: url } = loadConfig(["REDIS_URL"]);
      return connectRedis({ url, blocking: false, commandTimeoutMs: 2_000, logger });
    },
    (part) => part.disconnect(),
  );
  const parts: CliParts = {
    logger,
    get pool() {
      return pool();
    },
    get eventStore() {
      return eventStore();
    },
    get redis() {
      return redis();
    },
  };
  return { parts, close: () => Promise.all(closing.map((close) => close())) };
}
