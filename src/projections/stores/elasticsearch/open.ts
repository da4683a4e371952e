import { errorTypeOf } from "../../../platform/elasticsearch.ts";
import { type Client, inTransaction } from "../../../platform/postgres.ts";
import { isLive } from "../../catalog/buildStates.ts";
import type { Build, BuildPlace } from "../../engine/core/build.ts";
import { createCheckpoints, dropTables, hasTables, lockBuild, requireUnended } from "../postgres/tables.ts";
import { areWritesBlocked, showInAlias, unblockWrites } from "./aliases.ts";
import { writeFirstPoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { tryLockTakeOver } from "./fence.ts";
import { declared, indexBody } from "./layout.ts";
import { indexOf, writeAliasOf } from "./names.ts";

/**
 * See `ReadModelStore.open`. That the build was created is recorded in Postgres last, so an index that is missing afterwards
 * was lost: it is never recreated (rule 23).
 */
export function open(context: Context, build: Build): Promise<void> {
  return inTransaction(context.pool, async (client) => {
    await lockBuild(client, build);
    if (await hasTables(client, build)) return settle(context, client, build);
    await requireUnended(client, build);
    await createIndex(context, build);
    await writeFirstPoints(context, build);
    await createCheckpoints(client, build);
  });
}

async function createIndex(context: Context, build: Build): Promise<void> {
  const { index } = declared(build);
  try {
    await context.client.indices.create({
      index: indexOf(context, build),
      aliases: { [writeAliasOf(context, build)]: {} },
      ...(indexBody(index) as object),
    });
  } catch (error) {
    // A process died between the writes to the two stores.
    if (errorTypeOf(error) !== "resource_already_exists_exception") throw error;
  }
}

/** Undoes what a crashed take-over left: a live build is visible and writable (rule 24). */
async function settle(context: Context, client: Client, build: Build): Promise<void> {
  if (!(await areWritesBlocked(context, build))) return;
  if (!(await tryLockTakeOver(client, build.readModel)) || !(await isLive(client, build))) return;
  await showInAlias(context, build);
  await unblockWrites(context, build);
}

/** See `ReadModelStore.drop`. */
export function drop(context: Context, build: BuildPlace): Promise<void> {
  return inTransaction(context.pool, async (client) => {
    await lockBuild(client, build);
    await context.client.indices.delete({ index: indexOf(context, build), ignore_unavailable: true });
    await dropTables(client, build);
  });
}
