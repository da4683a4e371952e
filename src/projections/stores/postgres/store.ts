import { inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { ReadModelStore } from "../../engine/ports/readModelStore.ts";
import { createCheckpointReader } from "./checkpoints.ts";
import { classify } from "./classify.ts";
import { fill } from "./fill.ts";
import { createInPartition } from "./inPartition.ts";
import { readLeftOut } from "./leftOut.ts";
import { loadTables } from "./loading.ts";
import { listParked, readParkedKeys } from "./parkedKeys.ts";
import { findInTables } from "./session.ts";
import { snapshot } from "./snapshot.ts";
import { createTables, dropTables, hasTables, lockBuild, requireUnended } from "./tables.ts";
import { takeOver } from "./takeOver.ts";

/** Read models in Postgres: a schema a build, the checkpoint in the transaction that writes the rows. */
export function createPostgresStore(pool: Pool): ReadModelStore {
  return {
    open: (build) =>
      inTransaction(pool, async (client) => {
        await lockBuild(client, build);
        if (await hasTables(client, build)) return;
        await requireUnended(client, build);
        await createTables(client, build);
      }),
    checkpoints: createCheckpointReader(pool),
    parkedKeys: (build) => readParkedKeys(pool, build),
    parked: (build, page = { limit: 100 }) => listParked(pool, build, page),
    leftOut: (build) => readLeftOut(pool, build),
    inPartition: createInPartition(pool),
    load: (build, keys) => loadTables(pool, build, keys),
    find: (build, patterns) => findInTables(pool, build, patterns),
    fill: (build, what) => fill(pool, build, what),
    snapshot: (build, work) => snapshot(pool, build, work),
    refresh: async () => {},
    takeOver: (next, previous, mayTakeOver) => takeOver(pool, next, previous, mayTakeOver),
    drop: (build) =>
      inTransaction(pool, async (client) => {
        await lockBuild(client, build);
        await dropTables(client, build);
      }),
    classify,
    isLost: () => false,
  };
}
