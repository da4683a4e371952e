import { errorTypeOf } from "../../../platform/elasticsearch.ts";
import type { Client } from "../../../platform/postgres.ts";
import { isLive } from "../../catalog/buildStates.ts";
import type { Build, BuildRef } from "../../engine/core/build.ts";
import { createCheckpoints, dropTables, hasTables, lockBuild, requireUnended } from "../postgres/tables.ts";
import { areWritesBlocked, isShown, showInAlias, undoSwap } from "./aliases.ts";
import { writeFirstPoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { tryLockTakeOver } from "./fence.ts";
import { type Hold, inHeldTransaction } from "./heldTransaction.ts";
import { declared, indexBody } from "./layout.ts";
import { indexOf, writeAliasOf } from "./names.ts";

/**
 * See `ReadModelStore.open`. That the build was created is recorded in Postgres last, so an index that is missing afterwards
 * was lost: it is never recreated (rule 23).
 */
export function open(context: Context, build: Build): Promise<void> {
  return inHeldTransaction(context.pool, async (client, hold) => {
    await lockBuild(client, build);
    if (await hasTables(client, build)) return settle(context, client, hold, build);
    await requireUnended(client, build);
    await hold(() => createIndex(context, build));
    await hold(() => writeFirstPoints(context, build));
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

/**
 * Undoes what a failed take-over left, unless another one is under way: a live build is visible and writable (rule 24). Shows it again too
 * when its alias was lost, as in a snapshot that was restored without aliases.
 */
export async function settle(context: Context, client: Client, hold: Hold, build: Build): Promise<void> {
  const isBlocked = await hold(() => areWritesBlocked(context, build));
  if (!isBlocked && (await hold(() => isShown(context, build)))) return;
  if (!(await tryLockTakeOver(client, build.readModel)) || !(await isLive(client, build))) return;
  await hold(() => (isBlocked ? undoSwap(context, build) : showInAlias(context, build)));
}

/** See `ReadModelStore.drop`. */
export function drop(context: Context, build: BuildRef): Promise<void> {
  return inHeldTransaction(context.pool, async (client, hold) => {
    await lockBuild(client, build);
    await hold(() => context.client.indices.delete({ index: indexOf(context, build), ignore_unavailable: true }));
    await dropTables(client, build);
  });
}
