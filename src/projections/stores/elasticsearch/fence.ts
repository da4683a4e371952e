import type { ConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";
import { createEventLoopYield } from "../../../platform/eventLoopYield.ts";
import type { Client, Pool } from "../../../platform/postgres.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { ReadModel } from "../../engine/core/declaration.ts";
import { limitsOf } from "../postgres/poolLimits.ts";
import { type Hold, type HoldTimes, holdTimes, inHeldTransaction } from "./heldTransaction.ts";

/** A lock on partitions, held by a transaction of its own. */
export type Fence = {
  readonly client: Client;
  /** Asks Postgres: rejects if the fence was lost. */
  confirm(): Promise<void>;
  /**
   * Called between the steps of long work: rejects once the fence is known to be lost, and lets other work of the
   * process run.
   */
  step(): Promise<void>;
};

/**
 * Runs work that parks, retries, fills or swaps, and excludes other such work on these partitions (rule 22). Its writes
 * to Postgres use other transactions, which are committed while the fence is held; so `limit` bounds how many fences
 * the pool's connections hold.
 */
export function fenced<Result>(
  pool: Pool,
  build: BuildRef,
  partitions: readonly number[],
  work: (fence: Fence) => Promise<Result>,
  limit: ConcurrencyLimit = limitsOf(pool).fence,
  times: HoldTimes = holdTimes,
): Promise<Result> {
  const behindFence = async (client: Client, holdWhile: Hold) => {
    await lockPartitions(client, build, partitions);
    const yieldTurn = createEventLoopYield();
    const confirm = async () => void (await client.query("SELECT 1"));
    return holdWhile((lost) => {
      const step = async () => {
        await yieldTurn();
        lost.throwIfAborted();
      };
      return work({ client, confirm, step });
    });
  };
  return limit(() => inHeldTransaction(pool, behindFence, times));
}

/** Locks partitions, always in order of number, until the transaction ends. */
export async function lockPartitions(client: Client, { name }: BuildRef, partitions: readonly number[]): Promise<void> {
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtext($1), number) FROM unnest($2::int[]) WITH ORDINALITY AS p(number, nth) ORDER BY nth",
    [`heima partitions ${name}`, partitions],
  );
}

const takeOverName = ({ name, version }: ReadModel) => `heima take-over ${name} ${version}`;

/** Lets one process at a time swap builds of a read model's version. */
export async function lockTakeOver(client: Client, readModel: ReadModel): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [takeOverName(readModel)]);
}

/** Returns whether no process is swapping builds of the read model's version; none can start until the transaction ends. */
export async function tryLockTakeOver(client: Client, readModel: ReadModel): Promise<boolean> {
  const found = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock(hashtext($1)) AS mine", [
    takeOverName(readModel),
  ]);
  return found.rows[0]?.mine === true;
}
