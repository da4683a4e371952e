import { type Client, inTransaction, type Pool } from "../../../platform/postgres.ts";
import { lockBuilding, swapLive } from "../../catalog/buildStates.ts";
import type { Build } from "../../engine/core/build.ts";
import { highestPosition } from "../../engine/core/positions.ts";
import { lockCheckpoints } from "./checkpoints.ts";
import { limitsOf } from "./poolLimits.ts";
import { showInViews } from "./tables.ts";

/**
 * See `ReadModelStore.takeOver`. While the checkpoints of the old build are locked nothing is applied to it, so `mayTakeOver`
 * may wait for the new one to pass them; it must answer within a few seconds, or `idle_in_transaction_session_timeout` ends the
 * transaction.
 */
export function takeOver(
  pool: Pool,
  next: Build,
  previous: Build | undefined,
  mayTakeOver: (highest: bigint) => Promise<boolean>,
): Promise<boolean> {
  const swap = async (client: Client) => {
    const positions = previous === undefined ? [] : await lockCheckpoints(client, previous);
    if (!(await lockBuilding(client, next))) return false;
    if (!(await mayTakeOver(highestPosition(positions)))) return false;
    await swapLive(client, next, previous);
    await showInViews(client, next);
    return true;
  };
  return limitsOf(pool).takeOver(() => inTransaction(pool, swap));
}
