import { type ConcurrencyLimit, createConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";
import type { Pool } from "../../../platform/postgres.ts";

/**
 * Limits, for all stores on a pool, of the work that holds one of its connections and needs another: if such work held
 * all connections, none of it could continue. Take-overs may run fenced work; fenced work and fills may run neither.
 */
export type PoolLimits = {
  readonly takeOver: ConcurrencyLimit;
  /** Fenced work of a few requests. */
  readonly fence: ConcurrencyLimit;
  /** A fill, which may hold its fence for minutes. */
  readonly fill: ConcurrencyLimit;
};

/** The part of a pool that take-overs may hold, and that fences may. */
const share = 1 / 4;

const known = new WeakMap<Pool, PoolLimits>();

export function limitsOf(pool: Pool): PoolLimits {
  let limits = known.get(pool);
  if (limits === undefined) {
    const max = Math.max(1, Math.floor(pool.options.max * share));
    limits = {
      takeOver: createConcurrencyLimit({ max }),
      fence: createConcurrencyLimit({ max }),
      fill: createConcurrencyLimit({ max: 1 }),
    };
    known.set(pool, limits);
  }
  return limits;
}
