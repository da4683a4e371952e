import { erasureLock } from "../auth/erasure/erasePending.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import {
  runScavenge,
  type ScavengeDependencies,
  ScavengeFailed,
  type ScavengeOptions,
  type ScavengeReport,
} from "../commands/operations/runScavenge.ts";
import { withAdvisoryLock } from "../platform/advisoryLock.ts";
import type { Pool } from "../platform/postgres.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { findObstacles } from "../projections/engine/builds/obstacles.ts";
import { readModels } from "../projections/registry.ts";
import type { CliParts } from "./cliParts.ts";
import { withStores } from "./stores.ts";

/** Time that a scavenge waits for a running erasure, in milliseconds. */
const erasureMs = 60_000;

/** Runs work while no erasure runs: see `ScavengeDependencies.alone`. */
const whileNobodyErases =
  (pool: Pool): ScavengeDependencies["alone"] =>
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

/** Runs a scavenge. See `runScavenge`. */
export function scavenge(
  { pool, eventStore, logger }: Pick<CliParts, "pool" | "eventStore" | "logger">,
  options: ScavengeOptions,
): Promise<ScavengeReport> {
  const handleCommand = createHandleCommand({ eventStore, logger });
  const alone = whileNobodyErases(pool);
  return withStores(pool, (store) => {
    const obstacles = (position: bigint) => findObstacles(createCatalog(pool), store, readModels, position);
    return runScavenge({ eventStore, handleCommand, findObstacles: obstacles, alone }, options);
  });
}
