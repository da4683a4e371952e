import { setTimeout as sleep } from "node:timers/promises";
import { type Client, inTransaction, type Pool, withQuery } from "../../../platform/postgres.ts";

/** In milliseconds. */
export type HoldTimes = {
  /**
   * Time for which a suspended process keeps its locks: longer than a request takes, because Postgres does not see the work
   * behind a lock.
   */
  readonly idle: number;
  /** The interval (ms) at which a statement shows Postgres that the process is alive. */
  readonly every: number;
  /** Time after its beginning at which a transaction begins no more work on the index: others wait for its locks. */
  readonly max: number;
};

export const holdTimes: HoldTimes = { idle: 15_000, every: 1_000, max: 30_000 };

/**
 * Runs work that waits for the index, and holds the transaction meanwhile. Rejects, before the work or after it, if the transaction
 * was lost; before it, if the transaction takes too long. `lost` is aborted, with the error, when a loss is noticed during the work.
 */
export type Hold = <Result>(work: (lost: AbortSignal) => Promise<Result>) => Promise<Result>;

/**
 * Runs a transaction that waits for the index between its statements: for each piece of such work in `hold`. The pool's
 * `idle_in_transaction_session_timeout` is shorter than a request may take.
 */
export function inHeldTransaction<Result>(
  pool: Pool,
  work: (client: Client, hold: Hold) => Promise<Result>,
  times: HoldTimes = holdTimes,
): Promise<Result> {
  return inTransaction(pool, async (connection) => {
    const client = oneByOne(connection);
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = ${times.idle}`);
    const until = performance.now() + times.max;
    return work(client, async (beside) => {
      if (performance.now() >= until) throw new Error(`the index was waited for longer than ${times.max} ms`);
      await client.query("SELECT 1");
      return whileHeld(client, times.every, beside);
    });
  });
}

/** Sends a statement when the one before was answered: the work may send some while the transaction is being held. */
function oneByOne(client: Client): Client {
  let last: Promise<unknown> = Promise.resolve();
  return withQuery(client, (text: string, values?: unknown[]) => {
    const answer = last.then(() => client.query(text, values));
    last = answer.catch(() => undefined);
    return answer;
  });
}

async function whileHeld<Result>(
  client: Client,
  everyMs: number,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const lost = new AbortController();
  const holding = (async () => {
    while (await isNotOver(everyMs, over.signal)) await client.query("SELECT 1");
  })();
  holding.catch((error: unknown) => lost.abort(error));
  try {
    return await work(lost.signal);
  } finally {
    over.abort();
    await holding;
  }
}

const isNotOver = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal, ref: false }).catch(() => false);
