import type { estypes } from "@elastic/elasticsearch";
import type { Client } from "../../../platform/postgres.ts";
import { lockBuilding, swapLive } from "../../catalog/buildStates.ts";
import { beforeTheLog } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import { highestPosition } from "../../engine/core/positions.ts";
import { limitsOf } from "../postgres/poolLimits.ts";
import { blockWrites, showInAlias, startRefreshing, unblockWrites, undoSwap } from "./aliases.ts";
import { partitionsOf, readPoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { refresh } from "./documents.ts";
import { onIndex } from "./errors.ts";
import { lockPartitions, lockTakeOver } from "./fence.ts";
import { type Hold, inHeldTransaction } from "./heldTransaction.ts";
import type { EngineField } from "./layout.ts";
import { indexOf } from "./names.ts";
import { settle } from "./open.ts";

/**
 * See `ReadModelStore.takeOver` (rule 24). A write block freezes the old index while it is examined. States and alias change as
 * close together as two stores allow: if a process dies between them the block stays, so that readers of either see the same,
 * and the next attempt, or the next `open` of the old build, completes or undoes the swap.
 */
export function takeOver(
  context: Context,
  next: Build,
  previous: Build | undefined,
  mayTakeOver: (highest: bigint) => Promise<boolean>,
): Promise<boolean> {
  const { pool } = context;
  let isBlocked = false;
  const swap = async (client: Client, hold: Hold) => {
    await lockTakeOver(client, next.readModel);
    if (previous !== undefined) await lockPartitions(client, previous, partitionsOf(previous));
    if (!(await lockBuilding(client, next))) return false;
    if (previous !== undefined) {
      isBlocked = true;
      await hold(() => blockWrites(context, previous));
    }
    const highest = await hold(() => highestOf(context, previous));
    if (!(await hold(() => mayTakeOver(highest)))) {
      // Now, while no other take-over can begin and rely on the block.
      if (previous !== undefined) await hold(() => undoSwap(context, previous));
      return false;
    }
    await hold(() => startRefreshing(context, next));
    await hold(() => refresh(context, next));
    await swapLive(client, next, previous);
    await hold(() => showInAlias(context, next));
    return true;
  };
  return limitsOf(pool).takeOver(async () => {
    try {
      const taken = await inHeldTransaction(pool, swap);
      if (taken && previous !== undefined) await unblockWrites(context, previous).catch(() => undefined);
      return taken;
    } catch (error) {
      // The locks are gone, and another attempt may have begun.
      if (previous !== undefined && isBlocked)
        await inHeldTransaction(pool, (client, hold) => settle(context, client, hold, previous)).catch(() => undefined);
      throw error;
    }
  });
}

/** The highest position of all documents: a batch may have been written without its checkpoint. */
async function highestOf(context: Context, build: Build | undefined): Promise<bigint> {
  if (build === undefined) return beforeTheLog;
  await refresh(context, build);
  const { hits } = await onIndex(build, () =>
    context.client.search<{ engine: EngineField }>({
      index: indexOf(context, build),
      size: 1,
      sort: [{ "engine.position": "desc" }] as estypes.Sort,
      _source: ["engine"],
    }),
  );
  const highest = hits.hits.map(({ _source }) => ({ position: BigInt(_source?.engine.position ?? beforeTheLog) }));
  return highestPosition([...highest, ...(await readPoints(context, build, partitionsOf(build)))]);
}
