import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Pool } from "./postgres.ts";

/** The interval at which a lock held by another session is tried again, in milliseconds. */
const askEveryMs = 50;

/**
 * The server ends the session of a machine that is gone after a minute without an answer, 30 s and three times 10 s. By default the lock
 * would be held for more than two hours.
 */
const endSilentSession = `SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
  set_config('tcp_keepalives_count', '3', false)`;

/** The connection that held the lock is lost: another session may hold it now. */
class LockLost extends Error {
  override readonly name = "LockLost";
}

/** A lock while it is held. */
export type HeldLock = {
  /** Throws LockLost after the connection has ended. */
  readonly requireHeld: () => void;
  /** Aborted with LockLost when the connection ends. A machine that was suspended learns of that late. */
  readonly lost: AbortSignal;
  /** The session that holds the lock: its statements are certain to run while it does. One at a time. */
  readonly session: Pick<Client, "query">;
};

/**
 * Runs work while this Postgres session holds a named lock, which only one session can hold; the server releases it when the
 * connection ends. Undefined if another session holds the lock for longer than `waitMs`.
 */
export async function withAdvisoryLock<Result>(
  pool: Pool,
  name: string,
  work: (lock: HeldLock) => Promise<Result>,
  waitMs = 0,
): Promise<Result | undefined> {
  const client = await pool.connect();
  const lost = new AbortController();
  let broken: Error | undefined;
  const end = (error: Error) => {
    broken = error;
    lost.abort(new LockLost(`the lock of ${name} is lost: ${error.message}`));
  };
  client.on("error", end);
  try {
    const isHeld = await acquire(client, name, waitMs).catch((error: Error) => {
      // The server may grant it yet: such a connection must not return to the pool.
      end(error);
      throw error;
    });
    if (!isHeld) return undefined;
    try {
      return await work({ requireHeld: () => lost.signal.throwIfAborted(), lost: lost.signal, session: client });
    } finally {
      await client.query("SELECT pg_advisory_unlock(hashtext($1))", [`heima ${name}`]).catch(end);
    }
  } finally {
    client.off("error", end);
    client.release(broken);
  }
}

async function acquire(session: Pick<Client, "query">, name: string, waitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + waitMs;
  await session.query(endSilentSession);
  for (;;) {
    const { rows } = await session.query("SELECT pg_try_advisory_lock(hashtext($1)) AS held", [`heima ${name}`]);
    if (rows[0].held) return true;
    if (performance.now() >= giveUpAt) return false;
    await sleep(askEveryMs);
  }
}
