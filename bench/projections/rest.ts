import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { cpuOfTree } from "./cpu.ts";

export type Rest = {
  /** By process, in percent of one processor. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly transactionsPerSecond: number;
  readonly redisCommandsPerSecond: number;
};

/**
 * Until the builds are live, and V8 has released the memory of the start: for two minutes that costs as much as all else (10.4
 * percent after 35 s, 5.6 after 150).
 */
const restlessMs = 150_000;

/** Measures the cost of a stack with all read models and the demo library without requests, over `forMs`. */
export async function costAtRest(dataDir: string, forMs: number): Promise<Rest> {
  const stack = await startStack({ dataDir, logLevel: "warn" });
  const redis = new Redis(stack.environment.REDIS_URL ?? "");
  const postgres = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
  try {
    await postgres.connect();
    await sleep(restlessMs);
    const cpu = async () => {
      const processes = Object.entries(stack.processes());
      return Promise.all(processes.map(async ([name, part]) => [name, await cpuOfTree(part?.pid ?? 0)] as const));
    };
    const counts = async () => ({ redis: await commandsOf(redis), transactions: await transactionsOf(postgres) });
    const [before, counted, begun] = [new Map(await cpu()), await counts(), performance.now()];
    await sleep(forMs);
    const [after, recounted] = [await cpu(), await counts()];
    const seconds = (performance.now() - begun) / 1_000;
    return {
      cpu: Object.fromEntries(after.map(([name, used]) => [name, ((used - (before.get(name) ?? 0)) * 100) / seconds])),
      transactionsPerSecond: (recounted.transactions - counted.transactions) / seconds,
      redisCommandsPerSecond: (recounted.redis - counted.redis) / seconds,
    };
  } finally {
    redis.disconnect();
    await postgres.end().catch(() => undefined);
    await stack.stop();
  }
}

async function commandsOf(redis: Redis): Promise<number> {
  const stats = await redis.info("stats");
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1] ?? Number.NaN);
}

async function transactionsOf(postgres: pg.Client): Promise<number> {
  const { rows } = await postgres.query<{ count: number }>(
    "SELECT (xact_commit + xact_rollback)::int4 AS count FROM pg_stat_database WHERE datname = current_database()",
  );
  return rows[0]?.count ?? Number.NaN;
}
