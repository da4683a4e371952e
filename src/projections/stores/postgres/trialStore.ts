import { inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { ReadModelStore } from "../../engine/ports/readModelStore.ts";
import { createPostgresStore } from "./store.ts";
import { createTables, hasTables, lockBuild } from "./tables.ts";

/**
 * The store for builds that the catalog does not know: their tables are made when they are not there, whatever the catalog says of
 * them. They are never fed, shown in views, or taken over.
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
