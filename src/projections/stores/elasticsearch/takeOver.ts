import type { estypes } from "@elastic/elasticsearch";
import { type Client, inTransaction } from "../../../platform/postgres.ts";
import { lockBuilding, takePlace } from "../../catalog/buildStates.ts";
import { beforeTheLog } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import { highestPosition } from "../../engine/core/positions.ts";
import { limitsOf } from "../postgres/poolLimits.ts";
import { blockWrites, showInAlias, startRefreshing, unblockWrites } from "./aliases.ts";
import { partitionsOf, readPoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { refresh } from "./documents.ts";
import { onIndex } from "./errors.ts";
import { lockPartitions, lockTakeOver } from "./fence.ts";
import type { EngineField } from "./layout.ts";
import { indexOf } from "./names.ts";

/**
 * See `ReadModelStore.takeOver` (rule 24). A write block freezes the old index while it is examined. States and alias change as
 * close together as two stores allow: if a process dies between them the block stays, so that readers of either see the same,
 * and the next attempt, or the next `open` of the old build, completes or undoes the swap.
 */
export async function takeOver(
  context: Context,
  next: Build,
  previous: Build | undefined,
  mayTakeOver: (highest: bigint) => Promise<boolean>,
): Promise<boolean> {
  let isBlocked = false;
  let isMoved = false;
  let taken = false;
  try {
    const swap = async (client: Client) => {
      await lockTakeOver(client, next.readModel);
      if (previous !== undefined) await lockPartitions(client, previous, partitionsOf(previous));
      if (!(await lockBuilding(client, next))) return false;
      if (previous !== undefined) {
        isBlocked = true;
        await blockWrites(context, previous);
      }
      if (!(await mayTakeOver(await highestOf(context, previous)))) return false;
      await startRefreshing(context, next);
      await refresh(context, next);
      await takePlace(client, next, previous);
      isMoved = true;
      await showInAlias(context, next);
      return true;
    };
    taken = await limitsOf(context.pool).takeOver(() => inTransaction(context.pool, swap));
    return taken;
  } finally {
    if (previous !== undefined && isBlocked && (taken || !isMoved)) {
      if (!taken) await showInAlias(context, previous).catch(() => undefined);
      await unblockWrites(context, previous).catch(() => undefined);
    }
  }
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
