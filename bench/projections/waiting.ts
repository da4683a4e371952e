import type { Pool } from "../../src/platform/postgres.ts";
import { connectRedis } from "../../src/platform/redis.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { createProgressTracker } from "../../src/projections/engine/progress/tracker.ts";
import { publish } from "../../src/projections/engine/transport/signals.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { threeTables } from "./readModel.ts";
import type { World } from "./world.ts";

/** The interval at which a group of signals is published, and its size: 200 a second. */
const groupEveryMs = 25;
const groupOf = 5;

/** CPU of the waiting process, minus that of the same time without signals. */
export type WaitingCost = {
  readonly signals: number;
  /** Statements that the process sent in the time without signals, and with them. */
  readonly statementsWithout: number;
  readonly statementsWith: number;
  /** Microseconds of CPU per signal, including publishing. */
  readonly cpuPerSignal: number;
};

/**
 * Measures the cost of a signal for a process in which many queries have waited long: every signal wakes the one that waits for the
 * lowest position, which then waits again after all others.
 */
export async function waitingCost(world: World, waiting: number, forMs: number): Promise<WaitingCost> {
  const build = await world.newBuild();
  const { logger, stack, pool } = world;
  let statements = 0;
  const counted = Object.assign(Object.create(pool) as Pool, {
    query: (...query: Parameters<Pool["query"]>) => {
      statements++;
      return pool.query(...query);
    },
  });
  const url = stack.environment.REDIS_URL ?? "";
  const [redis, subscriber] = [
    connectRedis({ url, blocking: false, logger }),
    connectRedis({ url, blocking: true, logger }),
  ];
  const tracker = createProgressTracker({
    readModels: [build.readModel],
    catalog: createCatalog(counted),
    store: createPostgresStore(counted),
    subscriber,
    logger,
  });
  let position = 0n;
  let ended = false;
  const wait = async (first: bigint) => {
    for (let goal = first; !ended; goal += BigInt(waiting)) await tracker.reached(build, 0, goal, 600_000);
  };
  /** The store follows the signals; this statement is not sent by the waiting process and so not counted. */
  const window = async (signals: boolean) => {
    const before = { statements, cpu: process.cpuUsage(), position };
    const until = performance.now() + forMs;
    for (let next = performance.now(); performance.now() < until; next += groupEveryMs) {
      await pool.query(`UPDATE ${build.name}.checkpoints SET position = $1 WHERE partition = 0`, [position]);
      for (let signal = 0; signals && signal < groupOf; signal++) {
        const after = position++;
        const place = { build: build.name, partition: 0, position, after };
        await publish(redis, { kind: "advanced", ...place, keys: [`reader${position % 1_000n}`], parkedKeys: [] });
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next + groupEveryMs - performance.now())));
    }
    const { user, system } = process.cpuUsage(before.cpu);
    return {
      statements: statements - before.statements,
      cpu: user + system,
      signals: Number(position - before.position),
    };
  };
  try {
    await world.store.takeOver(build, await live(world), async () => true);
    await tracker.refresh();
    const waits = Array.from({ length: waiting }, (_, index) => wait(BigInt(index + 1)));
    await window(true);
    const without = await window(false);
    const within = await window(true);
    ended = true;
    await publish(redis, {
      kind: "advanced",
      build: build.name,
      partition: 0,
      after: position,
      position: 2n ** 62n,
      keys: [],
      parkedKeys: [],
    });
    await Promise.all(waits);
    return {
      signals: within.signals,
      statementsWithout: without.statements,
      statementsWith: within.statements,
      cpuPerSignal: (within.cpu - without.cpu) / within.signals,
    };
  } finally {
    tracker.close();
    redis.disconnect();
    subscriber.disconnect();
  }
}

async function live({ catalog }: World) {
  return (await catalog.buildsOf(threeTables)).find(({ state }) => state === "live")?.build;
}
