import { inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { ReadModelStore } from "../../engine/ports/readModelStore.ts";
import { createPostgresStore } from "./store.ts";
import { createTables, hasTables, lockBuild } from "./tables.ts";

/**
 * The store for builds outside the catalog: their tables are created if missing, without regard to the catalog. They
 * never receive live events, are not visible in views, and are not taken over.
 */
export function createTrialStore(pool: Pool): ReadModelStore {
  return {
    ...createPostgresStore(pool),
    open: (build) =>
      inTransaction(pool, async (client) => {
        await lockBuild(client, build);
        if (!(await hasTables(client, build))) await createTables(client, build);
      }),
  };
}
