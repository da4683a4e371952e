import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "./postgres.ts";

/** How often a lock that another has is asked for again, in milliseconds. */
const askEveryMs = 50;

/** The connection that had the lock is gone: somebody else may have it. */
export class LockLost extends Error {
  override readonly name = "LockLost";
}

/**
 * Runs work while this session of Postgres has the lock of a name, which one session can have; the server gives it back when the
 * connection ends. `requireHeld` throws LockLost once it has. Undefined if another has the lock for longer than `waitMs`.
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
