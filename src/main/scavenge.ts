import { erasureLock } from "../auth/erasure/erasePending.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import {
  runScavenge,
  type ScavengeDeps,
  ScavengeFailed,
  type ScavengeOptions,
  type ScavengeReport,
} from "../commands/operations/runScavenge.ts";
import { connectEventStore } from "../event-store/connect.ts";
import { withAdvisoryLock } from "../platform/advisoryLock.ts";
import { loadConfig } from "../platform/config.ts";
import type { Logger } from "../platform/logger.ts";
import { createPool, type Pool } from "../platform/postgres.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { findObstacles } from "../projections/engine/builds/obstacles.ts";
import { storesOfEnvironment } from "./stores.ts";

/** How long a scavenge waits for a running erasure, in milliseconds. */
const erasureMs = 60_000;

/** Runs work while no erasure runs: see `ScavengeDeps.alone`. */
export const whileNobodyErases =
  (pool: Pool): ScavengeDeps["alone"] =>
  async (work) => {
    const done = await withAdvisoryLock(
      pool,
      erasureLock,
      // The lock is held for as long as its session answers.
      async ({ session }) => [await work(() => session.query("SELECT"))] as const,
      erasureMs,
    );
    if (done === undefined) throw new ScavengeFailed("readers are being erased; try again");
    return done[0];
  };

/** Runs a scavenge on the stores configured in the environment. See `runScavenge`. */
export async function scavenge(options: ScavengeOptions, logger: Logger): Promise<ScavengeReport> {
  const config = loadConfig(["DATABASE_URL", "EVENTSTORE_URL"]);
  const pool = createPool({ url: config.DATABASE_URL, max: 4, service: "cli", logger });
  const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
  const catalog = createCatalog(pool);
  const stores = storesOfEnvironment(pool);
  const handleCommand = createHandleCommand({ eventStore, logger });
  const obstacles = (position: bigint) => findObstacles(catalog, stores.store, position);
  try {
    return await runScavenge(
      { eventStore, handleCommand, findObstacles: obstacles, alone: whileNobodyErases(pool) },
      options,
    );
  } finally {
    await Promise.all([pool.end(), eventStore.close(), stores.close()]);
  }
}
