import { type Client, inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { Build } from "../../engine/core/build.ts";
import { highestPosition } from "../../engine/core/positions.ts";
import { lockCheckpoints } from "./checkpoints.ts";
import { showInViews } from "./tables.ts";

/**
 * See `ReadModelStore.takeOver`. While the checkpoints of the old build are locked nothing is applied to it, so `mayTakeOver`
 * may wait for the new one to pass them; it must answer within a few seconds, or `idle_in_transaction_session_timeout` ends it.
 */
export function takeOver(
  pool: Pool,
  next: Build,
  previous: Build | undefined,
  mayTakeOver: (highest: bigint) => Promise<boolean>,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const positions = previous === undefined ? [] : await lockCheckpoints(client, previous);
    if (!(await lockBuilding(client, next))) return false;
    if (!(await mayTakeOver(highestPosition(positions)))) return false;
    if (previous !== undefined) await setState(client, previous, "retired", `${next.name} took its place`);
    await setState(client, next, "live", null);
    await showInViews(client, next);
    return true;
  });
}

/** Whether the build is still `building`; it stays so until the transaction ends. */
async function lockBuilding(client: Client, { readModel, number }: Build): Promise<boolean> {
  const found = await client.query(
    "SELECT FROM projections.builds WHERE read_model = $1 AND number = $2 AND state = 'building' FOR UPDATE",
    [readModel.name, number],
  );
  return found.rowCount === 1;
}

/** Nothing happens when the build is not in the state that comes before. */
async function setState(
  client: Client,
  { readModel, number }: Build,
  state: "live" | "retired",
  reason: string | null,
): Promise<void> {
  const before = state === "live" ? "building" : "live";
  await client.query(
    `UPDATE projections.builds
     SET state = $3, reason = $4, filled = true, ended_at = CASE WHEN $3 = 'retired' THEN now() END
     WHERE read_model = $1 AND number = $2 AND state = $5`,
    [readModel.name, number, state, reason, before],
  );
}
