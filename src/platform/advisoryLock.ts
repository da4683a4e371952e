import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "./postgres.ts";

/** How often a lock held by another session is tried again, in milliseconds. */
const askEveryMs = 50;

/** The connection that held the lock is lost: another session may hold it now. */
export class LockLost extends Error {
  override readonly name = "LockLost";
}

/**
 * Runs work while this Postgres session holds a named lock, which only one session can hold; the server releases it when the
 * connection ends. `requireHeld` throws LockLost after that. Undefined if another session holds the lock for longer than
 * `waitMs`.
 */
export async function withAdvisoryLock<Result>(
  pool: Pool,
  name: string,
  work: (requireHeld: () => void) => Promise<Result>,
  waitMs = 0,
): Promise<Result | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lost = (error: Error) => {
    broken = error;
  };
  client.on("error", lost);
  try {
    const giveUpAt = performance.now() + waitMs;
    for (;;) {
      const { rows } = await client.query("SELECT pg_try_advisory_lock(hashtext($1)) AS held", [`heima ${name}`]);
      if (rows[0].held) break;
      if (performance.now() >= giveUpAt) return undefined;
      await sleep(askEveryMs);
    }
    try {
      return await work(() => {
        if (broken !== undefined) throw new LockLost(`the lock of ${name} is lost: ${broken.message}`);
      });
    } finally {
      await client.query("SELECT pg_advisory_unlock(hashtext($1))", [`heima ${name}`]).catch(lost);
    }
  } finally {
    client.off("error", lost);
    client.release(broken);
  }
}
